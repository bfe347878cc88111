# The bounds of HTTP, each as long as one request may take; at the same time as other tests.
if(TARGET nodes_web)
  sb_test(http_limits_test LABEL fault SOURCES fault/http_limits_test.c LINK nodes_web TIMEOUT 120)
  add_test(NAME http_limits_client COMMAND http_limits_test client)
  set_tests_properties(http_limits_client PROPERTIES LABELS fault TIMEOUT 120)
endif()

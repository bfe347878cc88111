# The bounds of HTTP, each as long as one request may take.
if(TARGET nodes_web)
  sb_test(http_limits_test LABEL fault SOURCES fault/http_limits_test.c LINK nodes_web TIMEOUT 120)
endif()

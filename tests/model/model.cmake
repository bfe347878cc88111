# The explorer of cosigning, SEAL, PROMISE and HANDOVER: see README.md. It needs nothing of ours.
sb_module(tests_model
  SOURCES model/rules.c model/handover.c model/step.c model/live.c model/run.c model/canon.c
          model/space.c model/explore.c model/ending.c model/trace.c model/scenarios.c)
target_compile_options(tests_model PRIVATE -O2) # millions of steps, also under the sanitizers
sb_program(samband-model SOURCES model/main.c LINK tests_model)
sb_test(model_safety_test LABEL sim SOURCES model/model_safety_test.c LINK tests_model TIMEOUT 300)
sb_test(model_mistakes_test LABEL sim SOURCES model/model_mistakes_test.c LINK tests_model
        TIMEOUT 300)
sb_test(model_ending_test LABEL sim SOURCES model/model_ending_test.c LINK tests_model TIMEOUT 300)

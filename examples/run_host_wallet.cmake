# Runs the example on a new file, and compares what it says.
file(REMOVE ${FILE} ${FILE}-wal ${FILE}-shm)
execute_process(COMMAND ${PROGRAM} ${FILE} OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE ${FILE} ${FILE}-wal ${FILE}-shm)
set(expected "committed:                   wallet 700 fen, 1 orders, 1 withdrawals
rolled back:                 wallet 700 fen, 1 orders, 1 withdrawals
insufficient_funds:          wallet 700 fen, 1 orders, 1 withdrawals
")
if(NOT said STREQUAL expected)
  message(FATAL_ERROR "it said\n${said}instead of\n${expected}")
endif()
message(STATUS "${said}")

# Installs the build into an empty prefix, then configures, builds and runs the program in consumer/
# against it, as a stranger would. Run by ctest; see CMakeLists.txt for the variables.
cmake_minimum_required(VERSION 3.25)

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed (${status}):\n${said}")
  endif()
  set(said "${said}" PARENT_SCOPE)
endfunction()

set(prefix "${WORK_DIR}/prefix")
file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")

run("cmake --install" "${CMAKE_COMMAND}" --install "${BINARY_DIR}" --prefix "${prefix}")

# The installed headers must be enough: no include may lead back into the source tree.
run("configuring the consumer" "${CMAKE_COMMAND}" -S "${CONSUMER_DIR}" -B "${WORK_DIR}/build" -G Ninja
    "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
    "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}")
run("building the consumer" "${CMAKE_COMMAND}" --build "${WORK_DIR}/build")
run("running the consumer" "${WORK_DIR}/build/consumer")
if(NOT said STREQUAL "vqalign found\n")
  message(FATAL_ERROR "the consumer printed '${said}'")
endif()

# The installed programs run from where they lie.
file(GLOB programs "${prefix}/bin/*")
foreach(program IN LISTS programs)
  get_filename_component(name "${program}" NAME)
  if(name STREQUAL "vqalign")
    run("${program} --version" "${program}" --version)
  else()
    run("${program} --help" "${CMAKE_COMMAND}" -E env QT_QPA_PLATFORM=offscreen "${program}" --help)
  endif()
endforeach()
file(REMOVE_RECURSE "${WORK_DIR}")

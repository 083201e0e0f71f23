# Installs the build into an empty prefix, then configures, builds and runs the program in consumer/
# and the graph attention example against it, as a stranger would. Run by ctest; see CMakeLists.txt for the variables.
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
    "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" "-DREADME=${README}")
run("building the consumer" "${CMAKE_COMMAND}" --build "${WORK_DIR}/build")
run("running the consumer" "${WORK_DIR}/build/consumer")
if(NOT said STREQUAL "vqalign found\n")
  message(FATAL_ERROR "the consumer printed '${said}'")
endif()

run("running README's program" "${WORK_DIR}/build/shown")
if(NOT said MATCHES "^([-0-9.]+, gradient [0-9.]+\n)+$")
  message(FATAL_ERROR "README's program printed '${said}'")
endif()

# The example, by no more than the prefix; OpenCV and Qt, which it does not need, are not to be found.
run("configuring the example" "${CMAKE_COMMAND}" -S "${EXAMPLE_DIR}" -B "${WORK_DIR}/example" -G Ninja
    "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
    -DCMAKE_DISABLE_FIND_PACKAGE_OpenCV=ON -DCMAKE_DISABLE_FIND_PACKAGE_Qt6=ON)
run("building the example" "${CMAKE_COMMAND}" --build "${WORK_DIR}/example")
set(example "${WORK_DIR}/example/graph_attention")
run("running the example" "${example}" --align none gan ct ot mmd --seeds 2 --epochs 5 --jobs 2
    --nodes 120 --runs "${WORK_DIR}/runs.csv")
foreach(kind none gan ct ot mmd)
  if(NOT said MATCHES "\\| ${kind} \\| [0-9]+\\.[0-9]+ ± ")
    message(FATAL_ERROR "the example's table has no row of ${kind}:\n${said}")
  endif()
endforeach()
file(STRINGS "${WORK_DIR}/runs.csv" runs)
list(LENGTH runs lines)
if(NOT lines EQUAL 11)
  message(FATAL_ERROR "the example wrote ${lines} lines of runs, not a heading and 10")
endif()

# expect_refusal(STATUS LINE ARGUMENT ...): the example ends so and says that line alone.
function(expect_refusal wanted line)
  execute_process(COMMAND "${example}" ${ARGN} RESULT_VARIABLE status
                  OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT status EQUAL wanted OR NOT said STREQUAL "graph_attention: ${line}\n")
    message(FATAL_ERROR "the example said, with status ${status}, not ${wanted}:\n${said}")
  endif()
endfunction()
set(graph "${WORK_DIR}/graph")
file(WRITE "${graph}/nodes.csv" "label,part,a\n0,train,1\n1,train,0\n0,val,1\n1,test,0\n")
file(WRITE "${graph}/edges.csv" "source,target\n0,2\n3,9\n")
expect_refusal(1 "${graph}: edge 1 (3 to 9) names node 9, there are 4 nodes" --graph "${graph}")
expect_refusal(2 "a block model of 12 nodes has too few for 4 classes, 48 are needed" --nodes 12)

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

if(QT)
  set(shared "${prefix}/share")

  # The desktop's entry, and what it and the app need.
  file(STRINGS "${shared}/applications/vqalign.desktop" entry)
  foreach(line "[Desktop Entry]" "Type=Application" "Name=vqalign" "Exec=vqalign-gui %f"
               "Icon=vqalign")
    if(NOT "${line}" IN_LIST entry)
      message(FATAL_ERROR "vqalign.desktop has no line '${line}'")
    endif()
  endforeach()
  set(model "vqalign/models/scenes.safetensors")
  foreach(file "${prefix}/bin/vqalign-gui" "${shared}/icons/hicolor/scalable/apps/vqalign.svg"
               "${shared}/${model}")
    if(NOT EXISTS "${file}")
      message(FATAL_ERROR "${file} is not installed")
    endif()
  endforeach()

  # The app draws its window without a display.
  set(no_display --unset=DISPLAY --unset=WAYLAND_DISPLAY --unset=QT_QPA_PLATFORM)
  set(app "${prefix}/bin/vqalign-gui" --size 1280x800)
  function(screenshot name scale size)
    run("the app's screenshot '${name}'" "${CMAKE_COMMAND}" -E env ${no_display}
        QT_SCALE_FACTOR=${scale} ${app} ${ARGN} --screenshot "${WORK_DIR}/${name}.png")
    # A PNG's header holds width and height as four bytes each.
    file(READ "${WORK_DIR}/${name}.png" found OFFSET 16 LIMIT 8 HEX)
    if(NOT found STREQUAL size)
      message(FATAL_ERROR "${name}.png is not a PNG of the size asked for: ${found}, not ${size}")
    endif()
    file(SHA256 "${WORK_DIR}/${name}.png" hash)
    set(${name} "${hash}" PARENT_SCOPE)
  endfunction()
  set(plain 0000050000000320)  # 1280 x 800
  set(twice 00000a0000000640)
  set(examples "${shared}/vqalign/examples/scenes")
  set(question "${examples}/stars.png" "What is the shape of the red object?")
  screenshot(answer 1 ${plain} ${question})
  screenshot(dense 2 ${twice} ${question})

  # The examples of the start page are the installed ones: without these it is another page.
  screenshot(start 1 ${plain})
  screenshot(again 1 ${plain})
  file(WRITE "${examples}/examples.json" "{\"examples\": []}")
  screenshot(bare 1 ${plain})
  if(NOT start STREQUAL again OR start STREQUAL bare)
    message(FATAL_ERROR "the app does not show the examples of ${examples}")
  endif()

  # Likewise the model: a damaged one is named by its place.
  file(WRITE "${shared}/${model}" "no model")
  execute_process(COMMAND "${CMAKE_COMMAND}" -E env ${no_display}
                          ${app} --screenshot "${WORK_DIR}/damaged.png"
                  RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  string(FIND "${said}" "${shared}/${model}" place)
  if(NOT status EQUAL 1 OR place EQUAL -1)
    message(FATAL_ERROR "the app did not refuse ${shared}/${model} (${status}):\n${said}")
  endif()
endif()
file(REMOVE_RECURSE "${WORK_DIR}")

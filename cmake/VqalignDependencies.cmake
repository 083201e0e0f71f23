find_package(LibTorch REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
if(LibTorch_OPENMP_LIBRARY)
  # One process, one OpenMP runtime: the one that LibTorch brings along, not the compiler's own.
  set_target_properties(OpenMP::OpenMP_CXX PROPERTIES
    INTERFACE_LINK_LIBRARIES "${LibTorch_OPENMP_LIBRARY}")
endif()
find_package(OpenCV REQUIRED COMPONENTS core dnn imgproc imgcodecs)
find_package(RapidJSON REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
find_package(HDF5Serial REQUIRED)
if(VQALIGN_QT)
  find_package(Qt6 REQUIRED COMPONENTS Gui Svg Widgets)
endif()
if(VQALIGN_TESTS)
  find_package(GTest REQUIRED)
  if(VQALIGN_QT)
    find_package(Qt6 REQUIRED COMPONENTS Test)
  endif()
endif()
if(VQALIGN_BENCH)
  find_package(benchmark REQUIRED)
endif()

# The one precompiled header. Every torch target reuses it, so all share its compile flags.
add_library(vqalign_torch_pch STATIC "${PROJECT_SOURCE_DIR}/cmake/torch_pch.cpp")
target_precompile_headers(vqalign_torch_pch PRIVATE "${PROJECT_SOURCE_DIR}/cmake/torch_pch.h")
target_link_libraries(vqalign_torch_pch PRIVATE vqalign_flags LibTorch::LibTorch
                                                OpenMP::OpenMP_CXX)
set_target_properties(vqalign_torch_pch PROPERTIES POSITION_INDEPENDENT_CODE ON)
# The compiler refuses the header where -fPIE stands in place of -fPIC, so programs take -fPIC too.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE "-fPIC")

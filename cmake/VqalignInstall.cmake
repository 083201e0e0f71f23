# cmake --install: programs, libraries, headers and the package that find_package(vqalign) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/vqalign")
get_property(libraries GLOBAL PROPERTY VQALIGN_LIBRARIES)

# Every program that is built below vqalign/, wherever it is defined.
function(vqalign_collect_programs directory out)
  get_property(found DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  set(programs "")
  foreach(target IN LISTS found)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      list(APPEND programs ${target})
    endif()
  endforeach()
  get_property(children DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(child IN LISTS children)
    vqalign_collect_programs("${child}" below)
    list(APPEND programs ${below})
  endforeach()
  set(${out} "${programs}" PARENT_SCOPE)
endfunction()
vqalign_collect_programs("${PROJECT_SOURCE_DIR}/vqalign" programs)

get_filename_component(libtorch_lib_dir "${LibTorch_LIBRARY}" DIRECTORY)
get_filename_component(libtorch_prefix "${libtorch_lib_dir}" DIRECTORY)
if(programs)
  # LibTorch is not copied: the programs run with the one they were built with.
  set_target_properties(${programs} PROPERTIES INSTALL_RPATH "${libtorch_lib_dir}")
  # Optional, for vqalign-bench is built only where it is asked for.
  install(TARGETS ${programs} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" OPTIONAL)
endif()

if(libraries)
  install(TARGETS ${libraries} EXPORT vqalignTargets
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
          FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(EXPORT vqalignTargets NAMESPACE vqalign:: DESTINATION "${package_dir}")
endif()

list(TRANSFORM libraries REPLACE "^vqalign_" "vqalign::" OUTPUT_VARIABLE exported_libraries)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/vqalignConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/vqalignConfig.cmake" INSTALL_DESTINATION "${package_dir}"
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/vqalignConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/vqalignConfig.cmake"
              "${PROJECT_BINARY_DIR}/vqalignConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/FindHDF5Serial.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/FindLibTorch.cmake"
        DESTINATION "${package_dir}")

foreach(folder recipes experiments models examples/mcan examples/scenes)
  get_filename_component(parent "${folder}" DIRECTORY)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/vqalign/${parent}"
          FILES_MATCHING PATTERN "*.json" PATTERN "*.pkl" PATTERN "*.safetensors" PATTERN "*.png")
endforeach()
if(VQALIGN_QT)
  # How a desktop finds the app: its menu entry and the icon that the entry names.
  install(FILES "${PROJECT_SOURCE_DIR}/vqalign/gui/app/vqalign.desktop"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/applications")
  install(FILES "${PROJECT_SOURCE_DIR}/vqalign/gui/app/vqalign.svg"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps")
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/THIRD_PARTY_NOTICES.md"
        DESTINATION "${CMAKE_INSTALL_DOCDIR}")

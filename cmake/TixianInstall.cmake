include(CMakePackageConfigHelpers)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/tixian-config.cmake.in
  ${PROJECT_BINARY_DIR}/tixian-config.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tixian)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tixian-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/tixian-config.cmake ${PROJECT_BINARY_DIR}/tixian-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tixian COMPONENT core)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT core)

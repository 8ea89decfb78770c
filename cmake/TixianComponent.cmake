# One INTERFACE target per set of dependencies, so that including the core needs neither OpenSSL nor a database.
include(GNUInstallDirs)

# tixian_component(<name> HEADERS <path below include/tixian>... DEPENDS <target>...)
function(tixian_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;DEPENDS")
  list(TRANSFORM arg_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/include/tixian/)
  add_library(tixian_${name} INTERFACE)
  add_library(tixian::${name} ALIAS tixian_${name})
  set_target_properties(tixian_${name} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  target_compile_features(tixian_${name} INTERFACE cxx_std_20)
  target_link_libraries(tixian_${name} INTERFACE ${arg_DEPENDS})
  target_sources(tixian_${name} INTERFACE
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${arg_HEADERS})
  if(TIXIAN_INSTALL)
    install(TARGETS tixian_${name} EXPORT tixian-${name} FILE_SET HEADERS COMPONENT ${name})
    install(EXPORT tixian-${name} NAMESPACE tixian:: FILE tixian-${name}.cmake
      DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tixian COMPONENT ${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY TIXIAN_COMPONENTS ${name})
endfunction()

# Each folder below include/tixian is one component, so a new header needs no list.
function(tixian_headers out)
  file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include/tixian ${ARGN})
  set(${out} ${headers} PARENT_SCOPE)
endfunction()

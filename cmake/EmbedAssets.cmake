# Writes the files of server/web and WeUI's style into a C++ source, again whenever one of them changes.
function(tixian_embed_assets output)
  set(web ${PROJECT_SOURCE_DIR}/server/web)
  set(weui ${web}/node_modules/weui/dist/style/weui.min.css)
  if(NOT EXISTS ${weui})
    message(FATAL_ERROR "server/web/node_modules is missing: run scripts/setup once, or npm ci in server/web")
  endif()
  file(GLOB assets CONFIGURE_DEPENDS ${web}/*.html ${web}/*.css ${web}/*.js ${web}/*.svg)
  list(APPEND assets ${weui})
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DASSETS=${assets}" -DHEADER=assets.hpp
      -DNAMESPACE=tixian::server -P ${PROJECT_SOURCE_DIR}/cmake/WriteAssets.cmake
    DEPENDS ${assets} ${PROJECT_SOURCE_DIR}/cmake/WriteAssets.cmake
    COMMENT "Embedding the pages" VERBATIM)
endfunction()

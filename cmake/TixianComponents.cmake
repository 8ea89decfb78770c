# The components and what each may link: the table of docs/architecture.md, "Direction".
set(include_dir ${PROJECT_SOURCE_DIR}/include/tixian)

find_package(tl-expected REQUIRED)
tixian_headers(headers ${include_dir}/*.hpp ${include_dir}/transition/*.hpp ${include_dir}/service/*.hpp)
list(REMOVE_ITEM headers totals.hpp)
tixian_component(core HEADERS ${headers} DEPENDS tl::expected)

if(TIXIAN_WITH_TOTALS)
  find_package(Boost REQUIRED)
  tixian_component(totals HEADERS totals.hpp DEPENDS tixian_core Boost::headers)
endif()

find_package(Threads REQUIRED)
tixian_headers(headers ${include_dir}/threads/*.hpp)
tixian_component(threads HEADERS ${headers} DEPENDS tixian_core Threads::Threads)

tixian_headers(headers ${include_dir}/memory/*.hpp)
tixian_component(memory HEADERS ${headers} DEPENDS tixian_core)

tixian_headers(headers ${include_dir}/sql/*.hpp)
tixian_component(sql HEADERS ${headers} DEPENDS tixian_core)

if(TIXIAN_WITH_SQLITE)
  find_package(SQLite3 REQUIRED)
  tixian_headers(headers ${include_dir}/sqlite/*.hpp)
  tixian_component(sqlite HEADERS ${headers} DEPENDS tixian_sql SQLite::SQLite3)
endif()

if(TIXIAN_WITH_POSTGRES)
  find_package(PostgreSQL REQUIRED)
  tixian_headers(headers ${include_dir}/postgres/*.hpp)
  tixian_component(postgres HEADERS ${headers} DEPENDS tixian_sql PostgreSQL::PostgreSQL)
endif()

if(TIXIAN_WITH_MYSQL)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(MariaDb REQUIRED IMPORTED_TARGET GLOBAL libmariadb)
  tixian_headers(headers ${include_dir}/mysql/*.hpp)
  tixian_component(mysql HEADERS ${headers} DEPENDS tixian_sql PkgConfig::MariaDb)
endif()

if(TIXIAN_WITH_WECHAT)
  find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
  find_package(nlohmann_json REQUIRED)
  find_package(ZLIB REQUIRED)
  tixian_headers(headers ${include_dir}/wechat/*.hpp)
  tixian_component(wechat HEADERS ${headers}
    DEPENDS tixian_core OpenSSL::Crypto nlohmann_json::nlohmann_json ZLIB::ZLIB)
endif()

if(TIXIAN_WITH_HTTPLIB)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(CppHttplib REQUIRED IMPORTED_TARGET GLOBAL cpp-httplib)
  find_package(OpenSSL 3.0 REQUIRED)
  tixian_headers(headers ${include_dir}/httplib/*.hpp)
  tixian_component(httplib HEADERS ${headers}
    DEPENDS tixian_wechat PkgConfig::CppHttplib OpenSSL::SSL Threads::Threads)
endif()

if(TIXIAN_WITH_TESTING)
  find_package(GTest REQUIRED)
  tixian_headers(headers ${include_dir}/testing/*.hpp)
  tixian_component(testing HEADERS ${headers} DEPENDS tixian_core GTest::gtest)
endif()

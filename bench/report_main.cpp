// SPDX-License-Identifier: MIT
// Joins the rows of several groups into one table and one JSON file.
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "report.hpp"

namespace {

using namespace tixian::bench;  // NOLINT: this is the program

std::vector<Row> read_rows(const std::vector<std::string>& files) {
    std::vector<Row> rows;
    for (const std::string& name : files) {
        std::ifstream file(name);
        if (!file) throw std::runtime_error("cannot read " + name);
        for (std::string line; std::getline(file, line);) rows.push_back(from_line(line));
    }
    return rows;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Joins what the programs of scripts/bench wrote with --lines.", "tixian-bench-report");
    std::string json;
    std::vector<std::string> files;
    app.add_option("--json", json, "Write the rows and the machine there");
    app.add_option("FILE", files, "Files of rows")->required()->check(CLI::ExistingFile);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        const std::vector<Row> rows = read_rows(files);
        const std::string where = machine();
        std::cout << where << "\n\n" << table(rows);
        if (!json.empty()) write_json(json, where, rows);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "tixian-bench-report: " << error.what() << "\n";
        return 1;
    }
}

// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

#include "bench.hpp"

namespace tixian::bench {

/// A group's program: what it measures, its options beside those of every group, and its rows.
struct Program {
    std::string name;
    std::string what;
    std::function<void(CLI::App&)> add_options;
    std::function<void(Bench&)> measure;
};

namespace detail {

inline void add_common_options(CLI::App& app, Options& options) {
    app.add_flag("--quick", options.quick, "Two small rounds, to see that it works");
    app.add_flag("--full", options.full, "Sizes as in the targets, also where that takes long");
    app.add_option("--only", options.only, "Only this row, or the rows of this number: P4.64, or P4");
    app.add_option("--dir", options.folder, "Where files are made and removed again [$TMPDIR or /var/tmp]")
        ->check(CLI::ExistingDirectory);
    app.add_option("--json", options.json, "Write the rows and the machine there");
    app.add_option("--lines", options.lines, "Write the rows there for tixian-bench-report");
}

}  // namespace detail

/// The exit code: 0 also when a target is missed, 1 when a row could not be measured, 2 on wrong usage.
[[nodiscard]] inline int run(int argc, char** argv, const Program& program) {
    Options options;
    options.folder = usual_parent();
    CLI::App app(program.what, program.name);
    try {
        detail::add_common_options(app, options);
        if (program.add_options) program.add_options(app);
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        Bench bench(options);
        program.measure(bench);
        bench.finish();
        return 0;
    } catch (const std::invalid_argument& error) {
        std::cerr << program.name << ": " << error.what() << "\n";
        return 2;
    } catch (const std::exception& error) {
        std::cerr << program.name << ": " << error.what() << "\n";
        return 1;
    }
}

}  // namespace tixian::bench

// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "report.hpp"
#include "samples.hpp"
#include "work_folder.hpp"

namespace tixian::bench {

/// What every group's program is told on its command line.
struct Options {
    bool quick = false;
    bool full = false;
    std::vector<std::string> only;
    std::filesystem::path folder;
    std::string json, lines;
};

/// One run of a group: what is wanted, where its files go, and the rows measured so far.
class Bench {
 public:
    explicit Bench(Options options) : options_(std::move(options)), folder_(options_.folder) {
        if (is_in_memory(folder_.path()))
            progress("WARNING: " + folder_.path().string() +
                     " is in memory, where a commit costs nothing; name a disk with --dir");
    }

    /// Whether a row is asked for: `P4` asks for all of `P4.1`, `P4.8`, `P4.64`.
    [[nodiscard]] bool wants(const std::string& id) const {
        return options_.only.empty() ||
               std::any_of(options_.only.begin(), options_.only.end(), [&](const std::string& asked) {
                   return id == asked || id.starts_with(asked + ".");
               });
    }
    /// How often ours and the reference run in turn.
    [[nodiscard]] int rounds() const { return options_.quick ? 2 : 5; }
    /// How much one round does.
    [[nodiscard]] std::size_t size(std::size_t usual) const {
        return options_.quick ? std::max<std::size_t>(usual / 4, 1) : usual;
    }
    /// With sizes as in shared/targets.md, also where that takes long.
    [[nodiscard]] bool is_full() const { return options_.full; }
    /// Goes away at the end.
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

    void progress(const std::string& text) const { std::cerr << "[bench] " << text << std::endl; }
    /// How far two sides of a row are, and how much their rounds differ.
    void progress(const std::string& what, const Samples& ours, const Samples& reference) const {
        char text[160];
        std::snprintf(text, sizeof text, ": %s (rounds within %.0f %%), reference %s (%.0f %%)",
                      detail::number_text(ours.median()).c_str(), 100 * ours.spread(),
                      detail::number_text(reference.median()).c_str(), 100 * reference.spread());
        progress(what + text);
    }

    void add(Row row) { rows_.push_back(std::move(row)); }

    /// Prints the table, and writes the files that were asked for.
    void finish() const {
        if (rows_.empty()) throw std::invalid_argument("there is no such row");
        const std::string where = machine();
        std::cout << where << "\n\n" << table(rows_);
        if (!options_.json.empty()) write_json(options_.json, where, rows_);
        if (options_.lines.empty()) return;
        std::ofstream file(options_.lines, std::ios::trunc);
        for (const Row& row : rows_) file << to_line(row) << "\n";
        if (!file.flush()) throw std::runtime_error("cannot write " + options_.lines);
    }

 private:
    const Options options_;
    const WorkFolder folder_;
    std::vector<Row> rows_;
};

}  // namespace tixian::bench

// SPDX-License-Identifier: MIT
#include "simulator/mutants.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include <fmt/core.h>
#include <sys/wait.h>
#include <nlohmann/json.hpp>

namespace tixian::sim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Found {
    bool is_found = false;
    std::uint64_t seeds = 0, milliseconds = 0, trace = 0;
    int rule = 0;
    std::string what;
};

std::string quote(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// Its output is one JSON object; a mutant that crashes is found, too.
Found run_one(const fs::path& program, const CommandLine& command) {
    const std::string line =
        fmt::format("{} --json --jobs {} --seeds {}..{}{}", quote(program.string()), command.jobs,
                    command.first_seed, command.last_seed, command.shrinks ? "" : " --no-shrink");
    FILE* const pipe = popen(line.c_str(), "r");
    std::string text;
    std::array<char, 4096> block{};
    while (pipe != nullptr && std::fgets(block.data(), static_cast<int>(block.size()), pipe) != nullptr)
        text += block.data();
    const int status = pipe == nullptr ? -1 : pclose(pipe);
    const json result = json::parse(text, nullptr, false);
    Found found;
    // What could not be started, or did not understand the question, has found nothing.
    constexpr int cannot_run = 126, not_there = 127, usage = 2;
    const int code = status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    if (status < 0 || code == cannot_run || code == not_there || code == usage) {
        found.what = "it cannot be run";
        return found;
    }
    if (result.is_discarded()) {
        found.is_found = true;
        found.what = "it crashed";
        return found;
    }
    found.seeds = result.value("seeds_done", std::uint64_t{0});
    found.milliseconds = result.value("elapsed_ms", std::uint64_t{0});
    if (!result.contains("failure")) return found;
    const json& failure = result["failure"];
    found.is_found = true;
    // Not how many were run: that depends on the number of jobs.
    found.seeds = failure.value("seed", command.first_seed) - command.first_seed + 1;
    found.rule = failure.value("rule", 0);
    found.what = failure.value("what", "");
    found.trace = failure.value("decisions", std::uint64_t{0});
    return found;
}

std::string description(const fs::path& program) {
    std::ifstream file(program.string() + ".txt");
    std::string line;
    std::getline(file, line);
    return line;
}

json to_json(const fs::path& program, const Found& found) {
    return {{"name", program.filename().string()},
            {"what", description(program)},
            {"found", found.is_found},
            {"seeds", found.seeds},
            {"elapsed_ms", found.milliseconds},
            {"decisions", found.trace},
            {"rule", found.rule},
            {"said", found.what}};
}

void print(const fs::path& program, const Found& found) {
    const std::string rule = found.rule > 0 ? "R" + std::to_string(found.rule) : "-";
    fmt::print("{:<36} {:>6} {:>7}.{:02} {:>6} {:>5}  {}\n", program.filename().string(), found.seeds,
               found.milliseconds / 1000, found.milliseconds % 1000 / 10, found.trace, rule,
               found.is_found ? found.what : "NOT FOUND: " + description(program));
    std::fflush(stdout);
}

}  // namespace

int run_mutants(const CommandLine& command, const fs::path& own_program,
                const std::atomic<bool>& is_stopped) {
    const fs::path folder = own_program.parent_path() / "mutants";
    std::vector<fs::path> programs;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none))
        if (entry.path().extension().empty()) programs.push_back(entry.path());
    std::sort(programs.begin(), programs.end());
    if (!command.mutant.empty())
        std::erase_if(programs,
                      [&](const fs::path& program) { return program.filename() != command.mutant; });
    if (programs.empty()) {
        std::cerr << (command.mutant.empty() ? "there are no mutants"
                                             : "there is no mutant " + command.mutant)
                  << " in " << folder.string() << "; build them with: scripts/mutants --sim "
                  << command.mutant << "\n";
        return 2;
    }
    if (!command.is_json)
        fmt::print("{:<36} {:>6} {:>9} {:>6} {:>5}  {}\n", "planted mistake", "seeds", "seconds", "trace",
                   "rule", "what the auditor said");
    std::size_t run = 0, missed = 0;
    json all = json::array();
    for (const fs::path& program : programs) {
        if (is_stopped) break;
        const Found found = run_one(program, command);
        if (is_stopped) break;  // half a run says nothing
        ++run;
        missed += found.is_found ? 0U : 1U;
        if (command.is_json)
            all.push_back(to_json(program, found));
        else
            print(program, found);
    }
    if (command.is_json)
        std::cout << all.dump(2) << "\n";
    else
        fmt::print("{} of {} found within {} seeds\n", run - missed, run,
                   command.last_seed - command.first_seed + 1);
    if (!command.is_json && run < programs.size())
        fmt::print("stopped; {} were not run\n", programs.size() - run);
    return missed == 0 && run == programs.size() ? 0 : 1;
}

}  // namespace tixian::sim

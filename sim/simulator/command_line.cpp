// SPDX-License-Identifier: MIT
#include "simulator/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <thread>

#include <CLI/CLI.hpp>

namespace tixian::sim {
namespace {

constexpr const char* footer = R"(Examples:
  tixian-sim                                     1,000 seeds
  tixian-sim --seeds 1..100000 --jobs 2          more of them, on two cores
  tixian-sim --seeds 1..999999999 --time 10m     as many as ten minutes give
  tixian-sim --seed 42 --verbose                 one seed, with what was drawn and what happened
  tixian-sim --seed 42 --report out              the same as a page, out/seed-42.html
  tixian-sim --scenario flaky.toml               with the rules of a scenario file on top
  tixian-sim --replay failing.txt --report out   what a failing run printed
  tixian-sim --mutants                           which planted mistakes are found, and how fast

Exit codes: 0 all rules held, 1 a rule broke (or a mutant was not found), 2 wrong usage or a report that cannot be
written, 130 stopped by Ctrl-C.
docs/simulation.md tells more.)";

bool read_number(std::string_view text, std::uint64_t& number) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && code == std::errc() && end == text.data() + text.size();
}

std::string read_seeds(const std::string& text, CommandLine& command) {
    const std::size_t dots = text.find("..");
    const bool is_read = dots == std::string::npos
                             ? read_number(text, command.last_seed)
                             : read_number(std::string_view(text).substr(0, dots), command.first_seed) &&
                                   read_number(std::string_view(text).substr(dots + 2), command.last_seed);
    if (!is_read || command.first_seed > command.last_seed)
        return "--seeds must be like 1..10000, or a number of seeds";
    return {};
}

std::string read_time(const std::string& text, CommandLine& command) {
    std::uint64_t number = 0;
    constexpr std::string_view units = "smh";
    constexpr std::uint64_t seconds[] = {1, 60, 3600};
    const std::size_t unit = text.empty() ? units.size() : units.find(text.back());
    if (unit >= units.size() || !read_number(std::string_view(text).substr(0, text.size() - 1), number) ||
        number == 0 || number > 1'000'000)
        return "--time must be like 30s, 10m or 2h";
    command.time_max = std::chrono::seconds(number * seconds[unit]);
    return {};
}

}  // namespace

std::variant<CommandLine, int> parse_command_line(int argc, const char* const* argv) {
    CommandLine command;
    command.jobs = std::max(1U, std::thread::hardware_concurrency());
    CLI::App app{
        "Runs the payout service against a WeChat and a world that fail, in virtual time, and checks the "
        "money.",
        "tixian-sim"};
    app.footer(footer);
    std::string seeds, time;
    std::uint64_t seed = 0;
    auto* one = app.add_option("--seed", seed, "Run this seed only");
    auto* many =
        app.add_option("--seeds", seeds, "Which seeds, like 1..10000, or how many (1..1000)")->excludes(one);
    app.add_option("--jobs,-j", command.jobs, "On how many threads (all cores)")->check(CLI::Range(1, 256));
    app.add_option("--time", time, "Stop after this time: 30s, 10m, 2h");
    app.add_option("--scenario", command.scenario, "A scenario file, whose rules hold in every world")
        ->check(CLI::ExistingFile);
    auto* replay = app.add_option("--replay", command.replay,
                                  "Run again what a failing run printed: a file, or the text itself")
                       ->excludes(one)
                       ->excludes(many);
    app.add_option("--report", command.report_dir, "Write HTML pages into this folder");
    auto* mutant = app.add_option("--mutant", command.mutant,
                                  "Run the simulator that has this mistake planted (scripts/mutants --sim)");
    app.add_flag("--mutants", command.all_mutants, "Run all of them, and show how fast each is found")
        ->excludes(mutant)
        ->excludes(replay);
    auto* json = app.add_flag("--json", command.is_json, "Print the result as JSON");
    app.add_flag("--verbose,-v", command.is_verbose, "Print what was drawn for one seed, and what happened")
        ->excludes(json)
        ->excludes(many);
    app.add_flag("--hashes", command.prints_hashes, "Print the trace hash of each seed")
        ->excludes(json)
        ->excludes(replay);
    app.add_flag("!--no-shrink", command.shrinks, "Do not look for the smallest failing run");
    app.add_flag("!--no-faults", command.has_faults, "Nothing goes wrong");
    app.add_flag("!--no-auditor", command.has_auditor, "Check nothing, to see what the checking costs");
    app.add_flag("!--stubbed", command.allows_full_protocol, "No world with real signatures");
    try {
        app.parse(argc, argv);
        std::string wrong;
        if (!seeds.empty()) wrong = read_seeds(seeds, command);
        if (wrong.empty() && !time.empty()) wrong = read_time(time, command);
        if (wrong.empty() && command.is_verbose && one->count() + replay->count() == 0)
            wrong = "--verbose needs --seed or --replay";
        if (!wrong.empty()) throw CLI::ValidationError(wrong);
    } catch (const CLI::ParseError& error) {
        constexpr int wrong_usage = 2;
        return app.exit(error) == 0 ? 0 : wrong_usage;
    }
    if (one->count() > 0) {
        command.first_seed = command.last_seed = seed;
        command.is_one_seed = true;
    }
    return command;
}

}  // namespace tixian::sim

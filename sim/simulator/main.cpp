// SPDX-License-Identifier: MIT
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "faults/scenario.hpp"
#include "simulator/campaign.hpp"
#include "simulator/command_line.hpp"
#include "simulator/mutants.hpp"
#include "simulator/report.hpp"
#include "simulator/scenario_faults.hpp"
#include "simulator/shrink.hpp"
#include "tixian/local_time.hpp"

namespace tixian::sim {
namespace {

namespace fs = std::filesystem;

std::atomic<bool> is_stopped{false};
// What --scenario or a replay names; set once, before anything runs.
faults::Scenario scenario;
bool has_scenario = false;

std::string content_of(const std::string& path) {
    std::ostringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    return content.str();
}

bool read_scenario(const std::string& path) {
    if (std::error_code none; !fs::is_regular_file(path, none)) {
        std::cerr << "there is no scenario file " << path << "\n";
        return false;
    }
    auto read = faults::parse_scenario(content_of(path));
    if (!read) {
        std::cerr << path << ": " << read.error().message << "\n";
        return false;
    }
    scenario = std::move(*read);
    const auto overlooked = ScenarioFaults::overlooked(scenario);
    if (!overlooked.empty())
        std::cerr << fmt::format("{}: for tixian-mock only, because worlds draw their own: {}\n", path,
                                 fmt::join(overlooked, ", "));
    return has_scenario = true;
}

RunOptions run_options(const CommandLine& command) {
    RunOptions options;
    options.has_auditor = command.has_auditor;
    options.has_faults = command.has_faults;
    options.allows_full_protocol = command.allows_full_protocol;
    options.scenario = has_scenario ? &scenario : nullptr;
    return options;
}

/// Those with which a run is another one. A replay names its scenario by itself.
std::string flags_of(const CommandLine& command, bool is_replay = false) {
    std::string flags;
    if (!is_replay && !command.scenario.empty()) flags += " --scenario " + command.scenario;
    if (!command.has_faults) flags += " --no-faults";
    if (!command.allows_full_protocol) flags += " --stubbed";
    return flags;
}

void show_progress(const Progress& progress) {
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(progress.elapsed.count(), 1));
    const std::uint64_t left = progress.seeds_done == 0
                                   ? 0
                                   : (progress.seeds - progress.seeds_done) * ms / progress.seeds_done / 1000;
    std::cerr << fmt::format("\r{} of {} seeds, {} withdrawals, {} a second, {} s left   ",
                             progress.seeds_done, progress.seeds, progress.withdrawals,
                             progress.withdrawals * 1000 / ms, left)
              << std::flush;
}

bool write_page(const CommandLine& command, const std::string& name, const std::string& html) {
    std::error_code failed;
    fs::create_directories(command.report_dir, failed);
    const fs::path path = fs::path(command.report_dir) / name;
    std::ofstream file(path, std::ios::binary);
    file << html;
    file.close();
    if (!file) {
        std::cerr << "cannot write " << path.string() << "\n";
        return false;
    }
    if (!command.is_json) fmt::print("report: {}\n", path.string());
    return true;
}

void print_story(const Run& run) {
    const Timestamp begin = run.setup->begins_at;
    constexpr std::string_view lanes[] = {"user", "service", "ledger", "network", "wechat"};
    for (const Line& line : run.lines)
        fmt::print("{:>12} ms {} {:>7} > {:<7} {}{}\n", (line.at - begin).count(), line.is_mishap ? '!' : ' ',
                   lanes[static_cast<std::size_t>(line.from)], lanes[static_cast<std::size_t>(line.to)],
                   line.withdrawal ? fmt::format("#{} ", *line.withdrawal) : "", line.text);
}

nlohmann::ordered_json to_json(const CampaignResult& result) {
    nlohmann::ordered_json mishaps;
    for (std::size_t i = 0; i < mishap_count; ++i)
        mishaps[std::string(mishap_text.names[i])] = result.tally.mishaps[i];
    return {{"seeds_done", result.seeds_done},
            {"withdrawals", result.tally.withdrawals},
            {"final", result.tally.final_ones},
            {"full_protocol_worlds", result.tally.full_protocol_worlds},
            {"calls", result.tally.calls},
            {"changes", result.tally.steps},
            {"events", result.tally.events},
            {"elapsed_ms", result.elapsed.count()},
            {"stopped", result.was_stopped},
            {"trace_hash", fmt::format("{:016x}", result.trace_hash)},
            {"mishaps", mishaps}};
}

/// What a broken rule leads to: the smallest run, its page, and the command that runs it again.
nlohmann::ordered_json explain(const CommandLine& command, const Run& run) {
    const audit::Violation& broken = *run.violation;
    Shrunk shrunk;
    shrunk.recipe = {run.seed, broken.rule, {}};
    if (command.shrinks) shrunk = shrink(run, {}, run_options(command), std::chrono::seconds(60));
    shrunk.recipe.scenario = command.scenario;
    const std::string text = to_text(shrunk.recipe, ';');
    const std::string again = command.shrinks
                                  ? "tixian-sim --replay '" + text + "'" + flags_of(command, true)
                                  : fmt::format("tixian-sim --seed {}{}", run.seed, flags_of(command));
    if (!command.is_json) {
        fmt::print("\nR{} broke in seed {}: {}\n  {}\n", broken.rule, run.seed, broken.what,
                   sentence_of(broken.rule));
        if (command.shrinks)
            fmt::print("{} of {} decisions are enough (after {} tries):\n{}\n",
                       shrunk.recipe.decisions.size(), shrunk.decisions_before, shrunk.tries,
                       to_text(shrunk.recipe));
        fmt::print("again: {}\n", again);
        fmt::print("whole: tixian-sim --seed {}{} --verbose\n", run.seed, flags_of(command));
    }
    if (!command.report_dir.empty()) {
        RunOptions options = run_options(command);
        options.writes_down = true;
        const Run told = command.shrinks ? replay(run.seed, shrunk.recipe.decisions, {}, options)
                                         : simulate(run.seed, {}, options);
        static_cast<void>(
            write_page(command, fmt::format("seed-{}.html", run.seed), run_page(told, shrunk.recipe, again)));
    }
    nlohmann::ordered_json json{{"seed", run.seed}, {"rule", broken.rule}, {"what", broken.what}};
    if (broken.withdrawal) json["withdrawal"] = *broken.withdrawal;
    json["decisions"] = shrunk.recipe.decisions.size();
    json["decisions_before"] = shrunk.decisions_before;
    json["replay"] = text;
    return json;
}

int run_seeds(const CommandLine& command) {
    const bool shows_progress = !command.is_json && isatty(STDERR_FILENO) != 0;
    CampaignOptions options{command.first_seed, command.last_seed, command.jobs, command.time_max,
                            run_options(command)};
    const CampaignResult result = run_campaign(
        options, {}, is_stopped, shows_progress ? show_progress : std::function<void(const Progress&)>{});
    if (shows_progress) std::cerr << "\r\033[K";
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(result.elapsed.count(), 1));
    nlohmann::ordered_json json = to_json(result);
    if (!command.is_json)
        fmt::print(
            "{} seeds, {} withdrawals, {} final, {} calls, {} changes in {}.{:03} s ({} withdrawals a "
            "second); trace {:016x}{}\n",
            result.seeds_done, result.tally.withdrawals, result.tally.final_ones, result.tally.calls,
            result.tally.steps, ms / 1000, ms % 1000, result.tally.withdrawals * 1000 / ms, result.trace_hash,
            result.was_stopped ? "; stopped" : "");
    bool is_written = true;
    if (!command.report_dir.empty() && !command.is_one_seed)
        is_written =
            write_page(command, "run.html",
                       campaign_page(result, fmt::format("tixian-sim --seeds {}..{}{}", command.first_seed,
                                                         command.last_seed, flags_of(command))));
    if (result.failure) json["failure"] = explain(command, *result.failure);
    if (command.is_json) std::cout << json.dump(2) << "\n";
    if (result.failure) return 1;
    if (!command.is_json) fmt::print("all rules held\n");
    constexpr int stopped_by_user = 130;
    if (!is_written) return 2;
    return is_stopped ? stopped_by_user : 0;
}

int print_hashes(const CommandLine& command) {
    bool is_good = true;
    for (std::uint64_t seed = command.first_seed; seed <= command.last_seed && !is_stopped; ++seed) {
        const Run run = simulate(seed, {}, run_options(command));
        fmt::print("{} {:016x}\n", seed, run.trace_hash);
        is_good &= !run.violation;
    }
    return is_good ? 0 : 1;
}

void print_verdict(const CommandLine& command, const Run& run, const Recipe& recipe) {
    if (command.is_json) {
        nlohmann::ordered_json json{{"seed", run.seed},
                                    {"held", !run.violation},
                                    {"trace_hash", fmt::format("{:016x}", run.trace_hash)}};
        if (run.violation) json.update({{"rule", run.violation->rule}, {"what", run.violation->what}});
        std::cout << json.dump(2) << "\n";
        return;
    }
    if (run.violation) {
        fmt::print("R{} broke: {}\n  {}\n", run.violation->rule, run.violation->what,
                   sentence_of(run.violation->rule));
        return;
    }
    const std::string before =
        recipe.rule ? fmt::format(" (R{} broke when this was written down)", *recipe.rule) : std::string();
    fmt::print("seed {}: all rules held{}; trace {:016x}\n", run.seed, before, run.trace_hash);
}

int finish_told(const CommandLine& command, const Run& run, const Recipe& recipe, const std::string& again) {
    if (command.is_verbose) {
        for (const std::string& line : describe(*run.setup)) fmt::print("{}\n", line);
        print_story(run);
    }
    if (!command.report_dir.empty() &&
        !write_page(command, fmt::format("seed-{}.html", run.seed), run_page(run, recipe, again)))
        return 2;
    print_verdict(command, run, recipe);
    return run.violation ? 1 : 0;
}

int run_one(const CommandLine& command) {
    RunOptions options = run_options(command);
    options.writes_down = true;
    const Run run = simulate_and_keep(command.first_seed, {}, options);
    return finish_told(command, run, {run.seed, {}, run.decisions},
                       fmt::format("tixian-sim --seed {}{}", run.seed, flags_of(command)));
}

int run_again(const CommandLine& command) {
    std::string text = command.replay;
    if (std::error_code none; fs::is_regular_file(command.replay, none)) text = content_of(command.replay);
    auto recipe = parse_recipe(text);
    if (!recipe) {
        std::cerr << recipe.error().message << "\n";
        return 2;
    }
    if (has_scenario) recipe->scenario = command.scenario;
    if (!has_scenario && !recipe->scenario.empty() && !read_scenario(recipe->scenario)) return 2;
    RunOptions options = run_options(command);
    options.writes_down = true;
    const Run run = recipe->decisions.empty() ? simulate_and_keep(recipe->seed, {}, options)
                                              : replay(recipe->seed, recipe->decisions, {}, options);
    return finish_told(command, run, *recipe,
                       "tixian-sim --replay '" + to_text(*recipe, ';') + "'" + flags_of(command, true));
}

int run(int argc, const char* const* argv) {
    const auto parsed = parse_command_line(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    const CommandLine& command = std::get<CommandLine>(parsed);
    if (!command.scenario.empty() && !read_scenario(command.scenario)) return 2;
    if (command.all_mutants || !command.mutant.empty())
        return run_mutants(command, fs::read_symlink("/proc/self/exe"), is_stopped);
    if (!command.replay.empty()) return run_again(command);
    if (command.prints_hashes) return print_hashes(command);
    if (command.is_one_seed && (command.is_verbose || !command.report_dir.empty())) return run_one(command);
    return run_seeds(command);
}

}  // namespace
}  // namespace tixian::sim

int main(int argc, char** argv) {
    std::signal(SIGINT, [](int) { tixian::sim::is_stopped = true; });
    std::signal(SIGTERM, [](int) { tixian::sim::is_stopped = true; });
    return tixian::sim::run(argc, argv);
}

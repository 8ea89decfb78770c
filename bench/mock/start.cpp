// SPDX-License-Identifier: MIT
#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mock/keys.hpp"
#include "mock/rows.hpp"

namespace tixian::bench {
namespace {

/// From starting the program to the first byte of its ready line.
double milliseconds_to_start(const std::string& program, const std::string& keys) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe[0]);
    std::array<std::string, 5> words{program, "--port", "0", "--keys", keys};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();

    const Stopwatch watch;
    pid_t child = 0;
    const int failure = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
    ::close(pipe[1]);
    char byte = 0;
    const bool is_ready = failure == 0 && ::read(pipe[0], &byte, 1) == 1;
    const double took = watch.seconds() * 1000;
    ::close(pipe[0]);
    posix_spawn_file_actions_destroy(&actions);
    if (failure == 0) {
        ::kill(child, SIGTERM);
        ::waitpid(child, nullptr, 0);
    }
    if (!is_ready) throw std::runtime_error("cannot start " + program);
    return took;
}

}  // namespace

void measure_start(Bench& bench) {
    if (!bench.wants("P12.start")) return;
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tixian-mock";
    const auto keys = bench.folder() / "keys";
    if (!mock::load_or_make_keys(keys, "", "")) throw std::runtime_error("no keys in " + keys.string());
    Samples took;
    for (int round = 0; round < 4 * bench.rounds(); ++round)
        took.add(milliseconds_to_start(program.string(), keys.string()));
    bench.progress("P12.start: rounds within " + detail::number_text(100 * took.spread()) + " %");
    bench.add({"P12.start", "start of tixian-mock with keys that are there", took.median(), std::nullopt,
               "ms", Reach::at_most, 100});
}

}  // namespace tixian::bench

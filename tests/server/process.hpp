// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tixian::test {

/// Waits until `is_so` says yes, at most so long; answers whether it did.
inline bool wait_until(const std::function<bool()>& is_so,
                       std::chrono::milliseconds at_most = std::chrono::seconds(30)) {
    const auto end = std::chrono::steady_clock::now() + at_most;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// A real program, stopped by its process id. Its output goes to a file.
class Process {
 public:
    Process(std::vector<std::string> command, std::filesystem::path log,
            std::map<std::string, std::string> variables = {})
        : log_(std::move(log)) {
        std::vector<char*> arguments;
        for (auto& part : command) arguments.push_back(part.data());
        arguments.push_back(nullptr);
        std::filesystem::remove(log_);  // or the last program's "ready" would be taken for this one's
        pid_ = fork();
        if (pid_ != 0) return;
        const int out = open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
        execv(arguments[0], arguments.data());
        _exit(127);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() {
        if (pid_ > 0) kill();
    }

    [[nodiscard]] std::string output() const { return read_file(log_); }

    /// The first group of the pattern in the output, once it is there; empty when the program ends without
    /// it.
    [[nodiscard]] std::string wait_for(const std::string& pattern) {
        std::string found;
        wait_until([&] {
            const std::string text = output();
            std::smatch match;
            if (std::regex_search(text, match, std::regex(pattern))) found = match[1];
            return !found.empty() || has_ended();
        });
        return found;
    }

    /// SIGKILL: no destructor, no handler, nothing flushed.
    void kill() {
        ::kill(pid_, SIGKILL);
        static_cast<void>(wait());
    }

    /// SIGTERM; answers the exit code, or -1 when it did not end in time.
    int terminate() {
        ::kill(pid_, SIGTERM);
        return wait_until([&] { return has_ended(); }) ? exit_code_ : -1;
    }

    /// The exit code, once it has ended; 128 + signal when one ended it.
    int wait() {
        while (!has_ended()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return exit_code_;
    }

    [[nodiscard]] bool has_ended() {
        if (pid_ <= 0) return true;
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
        pid_ = -1;
        exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return true;
    }

 private:
    std::filesystem::path log_;
    pid_t pid_ = -1;
    int exit_code_ = -1;
};

}  // namespace tixian::test

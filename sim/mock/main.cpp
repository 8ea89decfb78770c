// SPDX-License-Identifier: MIT
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>

#include <pthread.h>

#include "mock/command_line.hpp"
#include "mock/keys.hpp"
#include "mock/server.hpp"
#include "mock/tls_keys.hpp"

namespace {

using tixian::mock::CommandLine;

int complain(const std::string& message) {
    std::cerr << "tixian-mock: " << message << "\n";
    return 1;
}

int make_keys(const tixian::mock::Options& options) {
    const auto keys = tixian::mock::load_or_make_keys(options.keys_directory, options.mchid, options.appid);
    if (!keys) return complain(keys.error().message);
    for (const tixian::faults::Merchant& one : options.scenario.merchants) {
        if (one.mchid == keys->identity.mchid) continue;
        const auto others =
            tixian::mock::load_or_make_keys(options.keys_directory / one.mchid, one.mchid, one.appid);
        if (!others) return complain(others.error().message);
    }
    if (options.tls_port || options.proxy_port) {
        const auto tls = tixian::mock::load_or_make_tls(options.keys_directory);
        if (!tls) return complain(tls.error().message);
        std::cout << "clients must trust " << tls->ca_pem.string() << "\n";
    }
    std::cout << "keys of mchid " << keys->identity.mchid << " are in " << options.keys_directory.string()
              << "\n";
    return 0;
}

// Whoever sees the file sees all of it: the port, then those of TLS and proxy where they are open.
bool write_ready_file(const std::filesystem::path& path, const tixian::mock::Server& server) {
    const std::filesystem::path unfinished = path.string() + ".tmp";
    {
        std::ofstream file(unfinished, std::ios::trunc);
        file << server.port() << "\n";
        if (server.tls_port() != 0) file << server.tls_port() << "\n";
        if (server.proxy_port() != 0) file << server.proxy_port() << "\n";
        if (!file.flush()) return false;
    }
    std::error_code error;
    std::filesystem::rename(unfinished, path, error);
    return !error;
}

int serve(const CommandLine& line) {
    // Blocked in every thread and taken up here, so that no code runs in a signal handler.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    if (!line.ready_file.empty()) {
        std::error_code ignored;
        std::filesystem::remove(line.ready_file, ignored);  // an earlier run's port would mislead
    }
    tixian::mock::Server server(line.options);
    if (const auto started = server.start(); !started) return complain(started.error().message);
    if (!line.ready_file.empty() && !write_ready_file(line.ready_file, server)) {
        return complain("cannot write " + line.ready_file.string());
    }
    std::cout << "tixian-mock ready on " << server.url();
    if (server.tls_port() != 0) std::cout << ", " << server.tls_url();
    if (server.proxy_port() != 0) std::cout << ", proxy on port " << server.proxy_port();
    std::cout << std::endl;

    int signal = 0;
    sigwait(&signals, &signal);
    server.stop();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        int exit_code = 0;
        const auto line = tixian::mock::parse_command_line(argc, argv, exit_code);
        if (!line) return exit_code;
        return line->only_makes_keys ? make_keys(line->options) : serve(*line);
    } catch (const std::exception& error) {
        return complain(error.what());
    }
}

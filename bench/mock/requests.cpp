// SPDX-License-Identifier: MIT
#include <ctime>
#include <exception>
#include <stdexcept>
#include <thread>
#include <vector>

#include "mock/echo.hpp"
#include "mock/rows.hpp"
#include "mock/signed_scripts.hpp"

namespace tixian::bench {
namespace {

constexpr std::size_t connections = 64;
mock::Options options(const Bench& bench, bool signatures) {
    mock::Options options;
    options.keys_directory = bench.folder() / "keys";
    options.signatures = signatures;
    options.terms.merchant.rates = bank::unlimited_rates();
    options.terms.merchant.balance = Money::from_fen(Money::fen_max / 2).value();
    return options;
}

/// What RSA alone takes of one request: a signature of the merchant to check, one to make. On as many threads
/// as the servers have, so that programs beside it disturb all alike.
double rsa_seconds_a_request(const mock::Keys& keys) {
    const auto key = mock::RsaKey::parse_private(keys.wechatpay_key_pem).value();
    const std::string message(400, 'm'), signature = key.sign(message);
    constexpr int times = 20;
    std::vector<std::thread> threads;
    const Stopwatch watch;
    for (std::size_t i = 0; i < connections; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < times; ++n) {
                if (!key.is_signature(message, signature) || key.sign(message).empty()) std::terminate();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    return watch.seconds() / static_cast<double>(connections * times);
}

struct Load {
    double answers_a_second = 0;
    double cpu_us = 0;  // of the whole process, for each request
};

Load play(int port, const std::vector<Script>& scripts) {
    const std::clock_t before = std::clock();
    const double rate = answers_a_second(port, scripts);
    const auto ticks = static_cast<double>(std::clock() - before);
    const auto requests = static_cast<double>(scripts.size() * scripts.front().size());
    return {rate, 1e6 * ticks / static_cast<double>(CLOCKS_PER_SEC) / requests};
}

struct Case {
    const char* id;
    const char* name;
    bool signatures;
    std::size_t bills_of_a_connection;  // in a round; each is made and asked for once
    double target;
};

void measure(Bench& bench, const Case& one) {
    if (!bench.wants(one.id)) return;
    mock::Server server(options(bench, one.signatures));
    if (const auto started = server.start(); !started) throw std::runtime_error(started.error().message);
    Merchant merchant(server.keys(), one.signatures);
    const std::string to_create = answer_to(server.port(), merchant.create("WD20250101999999"));
    const Echo echo(to_create, answer_to(server.port(), merchant.query("WD20250101999999")));
    Samples ours, reference, cpu_ours, cpu_bare;
    for (int round = -1; round < 2 * bench.rounds(); ++round) {
        const auto scripts = merchant.scripts(connections, bench.size(one.bills_of_a_connection));
        const Load mock = play(server.port(), scripts), bare = play(echo.port(), scripts);
        if (round < 0) continue;  // both have their threads and memory now
        ours.add(mock.answers_a_second);
        cpu_ours.add(mock.cpu_us);
        cpu_bare.add(bare.cpu_us);
        reference.add(
            1 / (1 / bare.answers_a_second + (one.signatures ? rsa_seconds_a_request(server.keys()) : 0)));
    }
    bench.progress(std::string(one.id) + " " + one.name, ours, reference);
    bench.progress(std::string(one.id) + " \u00b5s of a processor for each, with the load's own", cpu_ours,
                   cpu_bare);
    bench.add(
        {one.id, one.name, ours.median(), reference.median(), "requests/s", Reach::at_least, one.target});
}

}  // namespace

void measure_requests(Bench& bench) {
    measure(bench,
            {"P12.off", "the mock at 64 connections, signatures off, against an echo", false, 80, 0.7});
    measure(bench, {"P12.on", "the mock at 64 connections, signatures on, against an echo and its RSA", true,
                    12, 0.8});
}

}  // namespace tixian::bench

// SPDX-License-Identifier: MIT
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include <unistd.h>
#include <CLI/CLI.hpp>

#include "app.hpp"
#include "database.hpp"
#include "schema.hpp"
#include "tixian/totals.hpp"
#include "tixian/wechat/key_file.hpp"
#include "token.hpp"

namespace {

using namespace tixian;  // NOLINT: this is the program

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

int fail(const Error& error, int code) {
    std::cerr << "tixian-server: " << error.message << "\n";
    return code;
}

/// SIGINT and SIGTERM are waited for by one thread, so that nothing runs inside a signal handler.
class StopSignals {
 public:
    StopSignals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
    }
    void wait() const {
        int signal = 0;
        sigwait(&set_, &signal);
    }

 private:
    sigset_t set_{};
};

int run(const std::string& file) {
    const StopSignals signals;
    server::start_log();
    auto config = server::read_config(file, server::tixian_environment());
    if (!config) return fail(config.error(), exit_usage);
    auto app = server::App::make(std::move(*config));
    if (!app) return fail(app.error(), exit_failed);

    std::thread stopper([&] {
        signals.wait();
        (*app)->stop();
    });
    std::cout << "tixian-server ready on port " << (*app)->port() << std::endl;
    (*app)->run();
    // When serving ended by itself, the stopper still waits for its signal.
    kill(getpid(), SIGTERM);
    stopper.join();
    return 0;
}

int check(const std::string& file) {
    const auto config = server::read_config(file, server::tixian_environment());
    if (!config) return fail(config.error(), exit_usage);
    std::cout << "the configuration is good\n";
    if (const std::string said = wechat::warning(config->merchant); !said.empty())
        std::cout << "look at this twice: " << said << "\n";
    return 0;
}

int token(const std::string& file, const std::string& user, const std::string& openid, int days) {
    const auto config = server::read_config(file, server::tixian_environment());
    if (!config) return fail(config.error(), exit_usage);
    server::Principal principal;
    principal.is_service = openid.empty();
    const auto user_id = UserId::parse(user);
    if (!user_id) return fail(user_id.error(), exit_usage);
    principal.user = *user_id;
    if (!openid.empty()) {
        const auto parsed = Openid::parse(openid);
        if (!parsed) return fail(parsed.error(), exit_usage);
        principal.openid = *parsed;
    }
    std::cout << server::make_token(config->token_secret.view(), principal, SystemClock().now(),
                                    std::chrono::hours(24) * days)
              << "\n";
    return 0;
}

/// Prints every account, and fails when they do not sum to zero.
int books(const std::string& file) {
    const auto values = server::read_settings(file, server::tixian_environment());
    if (!values) return fail(values.error(), exit_usage);
    auto database = server::open_database(values->at("server.database"));
    if (!database) return fail(database.error(), exit_failed);
    const auto balances = database->ledger->trial_balance();
    if (!balances) return fail(balances.error(), exit_failed);
    for (const AccountBalance& row : *balances)
        std::printf("%-48s %20s\n", row.account.c_str(), row.balance.yuan().c_str());
    const Total total = sum_of(*balances);
    std::printf("%-48s %20s fen\n", "sum, must be 0", total.str().c_str());
    return total == 0 ? 0 : exit_failed;
}

std::string settings_help() {
    std::string text = "\nSettings, in a TOML file under [section], or in the environment:\n";
    for (const server::Setting& s : server::settings()) {
        text += "  " + s.name() + " (" + s.variable() + ")\n      " + std::string(s.help);
        if (s.required)
            text += "; required";
        else if (!s.fallback.empty())
            text += "; default " + std::string(s.fallback);
        text += "\n";
    }
    return text +
           "\nExamples:\n"
           "  tixian-server --config server.toml\n"
           "  TIXIAN_SERVER_PORT=9000 tixian-server --config server.toml run\n"
           "  tixian-server --config server.toml token --user u1 --openid oABC   a user's token\n"
           "  tixian-server --config server.toml token --user billing            a service's token\n"
           "  tixian-server --config server.toml books                           the trial balance\n";
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App cli("tixian-server: pays wallet balances out to WeChat balance, exactly once.");
    cli.footer(settings_help());
    std::string file;
    cli.add_option("--config,-c", file, "TOML file with the settings below")->check(CLI::ExistingFile);
    cli.require_subcommand(0, 1);
    cli.add_subcommand("run", "serve until SIGTERM (the default)")->fallthrough();
    auto* check_command =
        cli.add_subcommand("check", "check the configuration and the keys, and end")->fallthrough();
    auto* books_command =
        cli.add_subcommand("books", "print the trial balance; fails unless it is zero")->fallthrough();
    auto* token_command = cli.add_subcommand("token", "print a bearer token")->fallthrough();
    std::string user, openid;
    int days = 1;
    token_command->add_option("--user", user, "user id, or the service's name")->required();
    token_command->add_option("--openid", openid, "the user's openid; without it the token is a service's");
    token_command->add_option("--days", days, "valid for so many days")->check(CLI::Range(1, 3650));
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return cli.exit(error) == 0 ? 0 : exit_usage;
    }
    if (*check_command) return check(file);
    if (*books_command) return books(file);
    if (*token_command) return token(file, user, openid, days);
    return run(file);
}

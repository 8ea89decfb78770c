// SPDX-License-Identifier: MIT
#include "mock/command_line.hpp"

#include <cmath>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "faults/scenario.hpp"
#include "mock/scenario_options.hpp"
#include "mock/text.hpp"
#include "tixian/ids.hpp"

namespace tixian::mock {
namespace {

constexpr const char* examples = R"(Examples:
  tixian-mock --keys ./mock-keys --init-keys
      Makes the merchant's and WeChat's keys and ends.
  tixian-mock --port 8085 --auto-confirm-ms 500
      Serves on http://127.0.0.1:8085; users confirm by themselves after half a second.
  tixian-mock --port 0 --ready-file mock.port --notify-retry-ms 100,200,500
      Takes a free port, writes it to mock.port, and repeats notifications quickly.
  tixian-mock --port 8085 --tls --tls-port 8443 --proxy-port 8888
      Also for clients whose hosts are fixed: they trust mock-keys/tls_ca.pem (Java: tls_ca.p12, password
      changeit) and use the proxy http://127.0.0.1:8888.
  tixian-mock --port 8085 --switch already_exists=true --rates off
      One behaviour of which nobody is sure the other way round, and no 429.
  tixian-mock --port 8085 --scenario sim/scenarios/lost-answers.toml
      Things go wrong as the file says; the same seed and requests give the same faults. See them on
      http://127.0.0.1:8085/_mock/ui .
  curl localhost:8085/_mock/faults -d '{"fault":"answer_lost","match":{"endpoint":"create"},"count":1}'
  curl localhost:8085/_mock/verdicts
  curl -X POST localhost:8085/_mock/bills/WD1/confirm
  curl -X POST localhost:8085/_mock/settings -d '{"hold_answers":true}'
  curl 'localhost:8085/_mock/bills/WD1?until=SUCCESS&timeout=5s'
)";

// As CLI11 fills it in; checked and converted afterwards.
struct Raw {
    std::int64_t balance_fen = 100'000'000, quota_min_fen = 10, quota_max_fen = 20'000'000;
    std::int64_t accept_ms = 0, lock_ms = 0, transfer_ms = 50, cancel_ms = 50, receipt_ms = 50,
                 auto_confirm_ms = -1;
    std::string expire_after = "24h";
    double retry_scale = 1.0;
    std::vector<std::int64_t> retry_ms;
    bool keeps_poor_bills = false, batches_wait_for_pay = false, has_tls = false, signatures = true;
    int tls_port = 0, proxy_port = -1;
    std::string rates = "wechat", expire_lag;
    std::vector<std::string> switches;
    bool without_magic = false;
    std::string scenario_file;
};

constexpr std::int64_t millis_max = 24LL * 3600 * 1000;

std::string check_duration(const std::string& text) {
    const auto duration = parse_duration(text);
    if (duration && duration->count() > 0) return {};
    return "must be like 500ms, 30s, 10m or 24h, not " + text;
}

std::string check_identifier(const std::string& text) {
    if (Mchid::parse(text)) return {};  // an appid has the same letters and length
    return "must be 1 to 32 letters or digits, not " + text;
}

// "already_exists=true"
std::string check_switch(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (find_switch(text.substr(0, equals)) == nullptr) return "there is no switch " + text.substr(0, equals);
    return value == "true" || value == "false" ? "" : "must be like NAME=true, not " + text;
}

void add_server_options(CLI::App& app, CommandLine& line, Raw& raw) {
    Options& options = line.options;
    app.add_option("--port", options.port, "Port to listen on; 0 takes a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    app.add_flag("--tls", raw.has_tls, "Also serve TLS; makes the certificates at the first start");
    app.add_option("--tls-port", raw.tls_port, "Port of TLS; 0 takes a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    app.add_option("--proxy-port", raw.proxy_port,
                   "Also an HTTP CONNECT proxy on this port (0: a free one), to TLS, for WeChat's hosts")
        ->check(CLI::Range(0, 65535));
    app.add_option("--host", options.host, "Address to listen on")->capture_default_str();
    app.add_option("--keys", options.keys_directory, "Key directory; made at the first start")
        ->capture_default_str();
    app.add_flag("--init-keys", line.only_makes_keys, "Make (or check) the keys and exit");
    app.add_option("--mchid", options.mchid, "Merchant number [as stored with the keys, else 1900000001]")
        ->check(check_identifier);
    app.add_option("--appid", options.appid, "App id [as stored with the keys, else wxmock0000000001]")
        ->check(check_identifier);
    app.add_option("--threads", options.threads,
                   "Connections served at a time; more than answers ever held back")
        ->check(CLI::Range(2, 4096))
        ->capture_default_str();
    app.add_option("--ready-file", line.ready_file, "Write the port there once listening");
}

void add_faithfulness_options(CLI::App& app, Raw& raw) {
    app.add_flag("--no-signatures{false}", raw.signatures,
                 "Neither check nor make signatures, for load tests (notifications are signed)");
    app.add_option("--rates", raw.rates, "WeChat's rates, beyond which it answers 429: wechat, or off")
        ->check(CLI::IsMember({"wechat", "off"}))
        ->capture_default_str();
    app.add_option("--switch", raw.switches,
                   "NAME=true or NAME=false: what the sheet is not sure of; GET /_mock/switches lists them")
        ->check(check_switch);
}

void add_fault_options(CLI::App& app, Raw& raw) {
    app.add_option("--scenario", raw.scenario_file,
                   "What goes wrong, and when: a TOML file (sim/scenarios has some, with a description)")
        ->check(CLI::ExistingFile);
    app.add_flag("--no-magic", raw.without_magic,
                 "Amounts and openids choose no outcome by themselves (GET /_mock/magic lists them)");
}

void add_bank_options(CLI::App& app, Raw& raw) {
    const auto millis = [&app](const char* name, std::int64_t& target, const char* text) {
        app.add_option(name, target, text)->check(CLI::Range(std::int64_t{0}, millis_max));
    };
    const auto fen = [&app](const char* name, std::int64_t& target, const char* text) {
        app.add_option(name, target, text)
            ->check(CLI::Range(std::int64_t{0}, Money::fen_max))
            ->capture_default_str();
    };
    fen("--balance", raw.balance_fen, "The merchant's balance in fen");
    app.add_flag("--keep-poor-bills", raw.keeps_poor_bills,
                 "With too little balance make the bill and leave it in PROCESSING, instead of NOT_ENOUGH");
    millis("--accept-ms", raw.accept_ms, "ACCEPTED to PROCESSING [0: the create answers what comes after]");
    millis("--lock-ms", raw.lock_ms, "PROCESSING to WAIT_USER_CONFIRM [0]");
    millis("--transfer-ms", raw.transfer_ms, "TRANSFERING to SUCCESS [50]");
    millis("--cancel-ms", raw.cancel_ms, "CANCELING to CANCELLED [50]");
    millis("--receipt-ms", raw.receipt_ms, "A receipt's GENERATING to FINISHED [50]");
    app.add_flag("--batches-wait-for-pay", raw.batches_wait_for_pay,
                 "A batch stays in WAIT_PAY until POST /_mock/batches/NUMBER/pay");
    millis("--auto-confirm-ms", raw.auto_confirm_ms, "The user confirms after this time [never]");
    app.add_option("--expire-after", raw.expire_after,
                   "A bill that is not confirmed fails with OVERDUE_CLOSE")
        ->check(check_duration)
        ->capture_default_str();
    app.add_option("--expire-lag", raw.expire_lag,
                   "The close comes later by up to this [a 24th of --expire-after]")
        ->check(check_duration);
    fen("--quota-min-fen", raw.quota_min_fen, "Smallest amount of one bill");
    fen("--quota-max-fen", raw.quota_max_fen, "Largest amount of one bill");
    auto* scale = app.add_option("--notify-retry-scale", raw.retry_scale,
                                 "Factor on WeChat's times between notifications (15s 15s 30s 3m 10m ...)")
                      ->check(CLI::Range(0.0001, 10.0))
                      ->capture_default_str();
    app.add_option("--notify-retry-ms", raw.retry_ms, "Own times between notifications, comma separated")
        ->delimiter(',')
        ->check(CLI::Range(std::int64_t{1}, millis_max))
        ->excludes(scale);
}

void take_bank_options(const Raw& raw, Options& options) {
    // The ranges were checked on the command line.
    options.terms.merchant.balance = Money::from_fen(raw.balance_fen).value();
    options.switches.not_enough_at_create = !raw.keeps_poor_bills;
    options.terms.accept_after = Duration(raw.accept_ms);
    options.terms.lock_after = Duration(raw.lock_ms);
    options.terms.transfer_after = Duration(raw.transfer_ms);
    options.terms.cancel_after = Duration(raw.cancel_ms);
    options.terms.receipt_after = Duration(raw.receipt_ms);
    options.terms.batches_wait_for_pay = raw.batches_wait_for_pay;
    options.terms.expire_after = parse_duration(raw.expire_after).value();
    options.terms.expire_lag_max =
        raw.expire_lag.empty() ? options.terms.expire_after / 24 : parse_duration(raw.expire_lag).value();
    options.terms.merchant.quotas.per_bill_min = Money::from_fen(raw.quota_min_fen).value();
    options.terms.merchant.quotas.per_bill_max = Money::from_fen(raw.quota_max_fen).value();
    if (raw.auto_confirm_ms >= 0) options.settings.auto_confirm_after = Duration(raw.auto_confirm_ms);
    for (Duration& retry : options.terms.notify_retries) {
        retry = Duration(std::llround(static_cast<double>(retry.count()) * raw.retry_scale));
    }
    if (raw.rates == "off") options.terms.merchant.rates = bank::unlimited_rates();
    if (!raw.retry_ms.empty()) options.terms.notify_retries.clear();
    for (const std::int64_t millis : raw.retry_ms) options.terms.notify_retries.emplace_back(millis);
}

void take_server_options(const Raw& raw, Options& options) {
    options.signatures = raw.signatures;
    if (raw.has_tls) options.tls_port = raw.tls_port;
    if (raw.proxy_port >= 0) options.proxy_port = raw.proxy_port;
    if (raw.proxy_port >= 0 && !options.tls_port) options.tls_port = raw.tls_port;
    for (const std::string& text : raw.switches) {
        const std::size_t equals = text.find('=');
        options.switches.*find_switch(text.substr(0, equals))->value = text.substr(equals + 1) == "true";
    }
}

// What the file says goes before what the options preset.
void take_scenario_file(const std::string& path, Options& options) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto taken = faults::parse_scenario(text).and_then(
        [&](faults::Scenario scenario) { return take_scenario(std::move(scenario), options); });
    if (!taken) throw CLI::ValidationError("--scenario " + path, taken.error().message);
}

}  // namespace

std::optional<CommandLine> parse_command_line(int argc, const char* const* argv, int& exit_code) {
    CommandLine line;
    Raw raw;
    CLI::App app("A mock WeChat Pay (APIv3 merchant transfers) for tests. State is in memory; no real money.",
                 "tixian-mock");
    app.footer(examples);
    try {
        add_server_options(app, line, raw);
        add_faithfulness_options(app, raw);
        add_bank_options(app, raw);
        add_fault_options(app, raw);
        app.parse(argc, argv);
        if (raw.quota_min_fen > raw.quota_max_fen) {
            throw CLI::ValidationError("--quota-min-fen", "must not be above --quota-max-fen");
        }
        take_bank_options(raw, line.options);
        take_server_options(raw, line.options);
        line.options.with_magic = !raw.without_magic;
        if (!raw.scenario_file.empty()) take_scenario_file(raw.scenario_file, line.options);
    } catch (const CLI::CallForHelp&) {
        std::cout << app.help();
        exit_code = 0;
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        std::cerr << "tixian-mock: " << error.what() << "\nTry tixian-mock --help.\n";
        exit_code = 2;
        return std::nullopt;
    }
    return line;
}

}  // namespace tixian::mock

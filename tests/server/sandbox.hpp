// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <nlohmann/json.hpp>

#include "process.hpp"

namespace tixian::test {

using Json = nlohmann::json;

struct HttpAnswer {
    int status = 0;
    std::string text;
    /// An empty object when there is none.
    [[nodiscard]] Json json() const {
        Json value = Json::parse(text, nullptr, false);
        return value.is_discarded() ? Json::object() : value;
    }
};

/// A real tixian-mock and a real tixian-server on loopback, with their files in a folder of their own.
/// Back-off, lease and settling times are short, which the server allows against a loopback address.
class Sandbox : public ::testing::Test {
 protected:
    void SetUp() override {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::path(::testing::TempDir()) /
                  ("tixian-" + std::string(test->name()) + "-" + std::to_string(getpid()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        start_mock();
        write_token_secret();
    }

    void TearDown() override {
        if (server_) server_->kill();
        if (mock_) mock_->kill();
        expect_that_every_answer_was_classified();
        if (HasFailure())
            std::fprintf(stderr, "logs are in %s\n", folder_.c_str());
        else
            std::filesystem::remove_all(folder_);
    }

    /// R14: a real mock answered a real server, and the table knew each answer.
    virtual void expect_that_every_answer_was_classified() const {
        std::ifstream log(folder_ / "server.log");
        for (std::string line; std::getline(log, line);) {
            const bool is_unknown = line.find(R"("event":"answer")") != std::string::npos &&
                                    line.find(R"("class":"unknown")") != std::string::npos;
            EXPECT_FALSE(is_unknown && line.find("NEW") == std::string::npos) << line;
        }
    }

    static std::string binary(const std::string& name) { return std::string(TIXIAN_BIN_DIR) + "/" + name; }

    void start_mock() {
        const std::string keys = (folder_ / "keys").string();
        Process make_keys({binary("tixian-mock"), "--keys", keys, "--init-keys"}, folder_ / "keys.log");
        ASSERT_EQ(make_keys.wait(), 0) << make_keys.output();
        mock_ = std::make_unique<Process>(
            std::vector<std::string>{binary("tixian-mock"), "--port", "0", "--keys", keys,
                                     "--auto-confirm-ms", "20", "--accept-ms", "10", "--lock-ms", "10",
                                     "--transfer-ms", "10", "--cancel-ms", "10"},
            folder_ / "mock.log");
        mock_address_ = mock_->wait_for("ready on (http://127.0.0.1:[0-9]+)");
        ASSERT_FALSE(mock_address_.empty()) << mock_->output();
    }

    void write_token_secret() const {
        const auto path = folder_ / "token_secret";
        std::ofstream(path) << "a secret of more than thirty-two characters";
        std::filesystem::permissions(
            path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }

    /// Starts the server on the same ledger; the first time on a free port, later on the same one, because
    /// the mock knows it.
    void start_server(int workers = 2, std::map<std::string, std::string> variables = {}) {
        if (port_ == 0) port_ = free_port();
        write_config();
        variables["TIXIAN_SERVER_WORKERS"] = std::to_string(workers);
        server_ = std::make_unique<Process>(
            std::vector<std::string>{binary("tixian-server"), "--config", (folder_ / "server.toml").string()},
            folder_ / "server.log", std::move(variables));
        ASSERT_FALSE(server_->wait_for("ready on port ([0-9]+)").empty()) << server_->output();
    }

    void write_config() const {
        const Json merchant = Json::parse(read_file(folder_ / "keys/merchant.json"));
        const std::string keys = (folder_ / "keys").string();
        std::ofstream(folder_ / "server.toml")
            << "[server]\nport = " << port_ << "\ndatabase = \"" << (folder_ / "ledger.db").string() << "\"\n"
            << "[auth]\nsecret_file = \"" << (folder_ / "token_secret").string() << "\"\n"
            << "[wechat]\nbase_url = \"" << mock_address_ << "\"\n"
            << "mchid = " << merchant["mchid"] << "\nappid = " << merchant["appid"] << "\n"
            << "private_key = \"" << keys << "/merchant_key.pem\"\n"
            << "certificate = \"" << keys << "/merchant_cert.pem\"\n"
            << "public_key = \"" << keys << "/wechatpay_public_key.pem\"\n"
            << "public_key_id = " << merchant["wechatpay_public_key_id"] << "\n"
            << "apiv3_key = \"" << keys << "/apiv3_key.txt\"\n"
            << "notify_url = \"http://127.0.0.1:" << port_ << "/api/v1/payment/wechat/notify/transfer\"\n"
            << "confirm_page = \"" << mock_address_ << "/_mock/confirm\"\n"
            << "[timing]\nbackoff_first = 1\nbackoff_max = 2\nlease = 2\nsettling_refused = "
               "3\nsettling_in_doubt = 5\n";
    }

    static int free_port() {
        const int probe = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
        close(probe);
        return ntohs(address.sin_port);
    }

    [[nodiscard]] std::string token(const std::vector<std::string>& who) const {
        std::vector<std::string> command{binary("tixian-server"), "--config",
                                         (folder_ / "server.toml").string(), "token"};
        command.insert(command.end(), who.begin(), who.end());
        Process process(command, folder_ / "token.log");
        EXPECT_EQ(process.wait(), 0) << process.output();
        std::string text = process.output();
        while (!text.empty() && text.back() == '\n') text.pop_back();
        return text;
    }
    [[nodiscard]] std::string user_token(const std::string& user = "u1") const {
        return token({"--user", user, "--openid", "openid-of-" + user});
    }
    [[nodiscard]] std::string service_token() const { return token({"--user", "billing"}); }

    /// One request; status 0 when there was no answer.
    [[nodiscard]] HttpAnswer send(const std::string& base, const std::string& method, const std::string& path,
                                  const std::string& body = "", httplib::Headers headers = {}) const {
        httplib::Client client(base);
        client.set_tcp_nodelay(true);
        client.set_read_timeout(std::chrono::seconds(20));
        const auto result = method == "GET" ? client.Get(path, headers)
                                            : client.Post(path, headers, body, "application/json");
        return result ? HttpAnswer{result->status, result->body} : HttpAnswer{};
    }
    [[nodiscard]] std::string server_address() const { return "http://127.0.0.1:" + std::to_string(port_); }

    [[nodiscard]] HttpAnswer get(const std::string& path, const std::string& bearer) const {
        return send(server_address(), "GET", path, "", {{"Authorization", "Bearer " + bearer}});
    }
    [[nodiscard]] HttpAnswer post(const std::string& path, const std::string& body, const std::string& bearer,
                                  const std::string& key = "") const {
        httplib::Headers headers{{"Authorization", "Bearer " + bearer}};
        if (!key.empty()) headers.emplace("Idempotency-Key", key);
        return send(server_address(), "POST", path, body, headers);
    }
    [[nodiscard]] HttpAnswer mock(const std::string& method, const std::string& path,
                                  const std::string& body = "") const {
        return send(mock_address_, method, path, body);
    }
    void set_mock(const std::string& settings) const {
        const HttpAnswer answer = mock("POST", "/_mock/settings", settings);
        ASSERT_EQ(answer.status, 200) << answer.text;
    }

    void add_fault(const std::string& rule) const {
        const HttpAnswer answer = mock("POST", "/_mock/faults", rule);
        ASSERT_EQ(answer.status, 200) << answer.text;
    }

    /// The stable code of a refusal.
    [[nodiscard]] static std::string code(const HttpAnswer& answer) {
        const Json body = answer.json();
        if (!body.is_object() || !body.contains("error")) return "no error: " + answer.text;
        EXPECT_FALSE(body["error"]["message"].get<std::string>().empty());
        EXPECT_FALSE(body["error"]["request_id"].get<std::string>().empty());
        return body["error"]["code"];
    }

    /// The code of a refusal and the field that it names.
    [[nodiscard]] static std::string refusal(const HttpAnswer& answer) {
        const std::string name = code(answer);
        const Json field = answer.json().value("/error/field"_json_pointer, Json());
        return std::to_string(answer.status) + " " + name +
               (field.is_string() ? " " + field.get<std::string>() : "");
    }

    void deposit(const std::string& user, const std::string& amount) const {
        const std::string body =
            Json{{"user_id", user}, {"amount", amount}, {"reference", "for-" + user}}.dump();
        const HttpAnswer answer = post("/api/v1/wallet/deposit", body, service_token());
        ASSERT_EQ(answer.status, 201) << answer.text;
    }

    [[nodiscard]] std::string withdraw(const std::string& bearer, const std::string& amount,
                                       const std::string& key) const {
        const HttpAnswer answer =
            post("/api/v1/wallet/withdraw", Json{{"amount", amount}}.dump(), bearer, key);
        EXPECT_EQ(answer.status, 201) << answer.text;
        return answer.json().value("withdraw_id", "");
    }

    [[nodiscard]] std::string status(const std::string& id, const std::string& bearer) const {
        const HttpAnswer answer = get("/api/v1/payment/withdraw/" + id, bearer);
        return answer.status == 200 ? answer.json().value("status", "") : "";
    }
    [[nodiscard]] bool becomes(const std::string& id, const std::string& bearer,
                               const std::string& wanted) const {
        return wait_until([&] { return status(id, bearer) == wanted; });
    }

    [[nodiscard]] Json bill(const std::string& id) const { return mock("GET", "/_mock/bills/" + id).json(); }

    /// Every byte of every table, as text.
    [[nodiscard]] std::string books() const {
        sqlite3* database = nullptr;
        sqlite3_open((folder_ / "ledger.db").c_str(), &database);
        std::string text;
        for (const char* table : {"withdraw_records", "withdraw_changes", "withdraw_notes", "accounts",
                                  "journal", "wallet_deposits"}) {
            sqlite3_exec(
                database, ("SELECT * FROM " + std::string(table)).c_str(),
                [](void* out, int columns, char** values, char**) {
                    for (int i = 0; i < columns; ++i)
                        *static_cast<std::string*>(out) +=
                            (values[i] != nullptr ? values[i] : "NULL") + std::string("|");
                    *static_cast<std::string*>(out) += "\n";
                    return 0;
                },
                &text, nullptr);
        }
        sqlite3_close(database);
        return text;
    }

    /// The balance of one account by `tixian-server books`, and that the books sum to zero.
    [[nodiscard]] std::string account(const std::string& name) const {
        Process process({binary("tixian-server"), "--config", (folder_ / "server.toml").string(), "books"},
                        folder_ / "books.log");
        EXPECT_EQ(process.wait(), 0) << process.output();
        std::istringstream lines(process.output());
        std::string account, balance;
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            words >> account >> balance;
            if (account == name) return balance;
        }
        return "none";
    }

    std::filesystem::path folder_;
    std::unique_ptr<Process> mock_, server_;
    std::string mock_address_;
    int port_ = 0;
};

}  // namespace tixian::test

// SPDX-License-Identifier: MIT
#include <array>
#include <cstdio>
#include <random>

#include "sandbox.hpp"

namespace tixian::test {
namespace {

/// Four real servers on one real PostgreSQL.
class FourServers : public Sandbox {
 protected:
    void SetUp() override {
        Sandbox::SetUp();
        Process start({script(), "start", "postgres", (folder_ / "postgres").string()},
                      folder_ / "start.log");
        ASSERT_EQ(start.wait(), 0) << start.output();
        std::ifstream(folder_ / "postgres/url") >> database_;
        for (std::size_t i = 0; i < servers_.size(); ++i) {
            ports_.at(i) = port_ = free_port();
            if (i == 0) write_config();
            start_one(i);
        }
        use(0);
    }
    void TearDown() override {
        for (auto& server : servers_) {
            if (server) server->kill();
        }
        Process remove({script(), "remove", (folder_ / "postgres").string()}, folder_ / "remove.log");
        EXPECT_EQ(remove.wait(), 0) << remove.output();
        Sandbox::TearDown();
    }

    static std::string script() { return std::string(TIXIAN_SOURCE_DIR) + "/scripts/databases"; }

    void start_one(std::size_t i) {
        const std::map<std::string, std::string> variables{
            {"TIXIAN_SERVER_PORT", std::to_string(ports_.at(i))},
            {"TIXIAN_SERVER_DATABASE", database_},
            {"TIXIAN_SERVER_WORKERS", "2"}};
        servers_.at(i) = std::make_unique<Process>(
            std::vector<std::string>{binary("tixian-server"), "--config", (folder_ / "server.toml").string()},
            folder_ / "server.log", variables);
        ASSERT_FALSE(servers_.at(i)->wait_for("ready on port ([0-9]+)").empty()) << servers_.at(i)->output();
    }
    /// Talks to this one from now on.
    void use(std::size_t i) { port_ = ports_.at(i); }

    [[nodiscard]] std::string all_books() {
        Process books({binary("tixian-server"), "--config", (folder_ / "server.toml").string(), "books"},
                      folder_ / "books.log", {{"TIXIAN_SERVER_DATABASE", database_}});
        EXPECT_EQ(books.wait(), 0) << books.output();
        return books.output();
    }

    std::string database_;
    std::array<int, 4> ports_{};
    std::array<std::unique_ptr<Process>, 4> servers_;
};

TEST_F(FourServers, OnOneDatabaseUnderRandomKillsPayEveryWithdrawalOnce) {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    const std::string bearer = user_token();
    deposit("u1", "100.00");

    constexpr int withdrawals = 40;
    for (int i = 0; i < withdrawals; ++i) {
        use(random() % servers_.size());
        static_cast<void>(
            post("/api/v1/wallet/withdraw", R"({"amount":"1.00"})", bearer, "k" + std::to_string(i)));
        if (i % 4 != 3) continue;
        const std::size_t killed = random() % servers_.size();
        servers_.at(killed)->kill();
        start_one(killed);
    }

    std::vector<std::string> ids;
    for (int i = 0; i < withdrawals; ++i) {
        use(static_cast<std::size_t>(i) % servers_.size());
        const HttpAnswer again =
            post("/api/v1/wallet/withdraw", R"({"amount":"1.00"})", bearer, "k" + std::to_string(i));
        ASSERT_TRUE(again.status == 200 || again.status == 201) << again.text;
        ids.push_back(again.json()["withdraw_id"]);
    }
    for (const auto& id : ids) EXPECT_TRUE(becomes(id, bearer, "success")) << id;
    EXPECT_EQ(mock("GET", "/_mock/bills").json().size(), ids.size());
    const std::string books = all_books();
    EXPECT_NE(books.find("40.00"), std::string::npos) << books;
    EXPECT_NE(books.find("60.00"), std::string::npos) << books;
}

}  // namespace
}  // namespace tixian::test

// SPDX-License-Identifier: MIT
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../wechat/test_keys.hpp"
#include "tixian/httplib/transport.hpp"
#include "tixian/threads/system_clock.hpp"

namespace tixian::http {
namespace {

using namespace std::chrono_literals;
using wechat::HttpRequest;
using wechat::HttpResult;
using wechat::TransportFailure;

/// A server of bare bytes on a free port. `talk` is called for each connection and may do what it likes with
/// it.
class RawServer {
 public:
    explicit RawServer(std::function<void(int)> talk) : talk_(std::move(talk)) {
        listener_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(listen(listener_, 8), 0);
        EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;
    ~RawServer() { stop(); }

    void stop() {
        if (!thread_.joinable()) return;
        shutdown(listener_, SHUT_RDWR);
        close(listener_);
        thread_.join();
    }

    [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] int connections() const { return connections_; }

    /// What a connection sends until `end` stands in it, or it closes.
    static std::string read_until(int connection, const std::string& end) {
        std::string text;
        char byte = 0;
        while (text.find(end) == std::string::npos && recv(connection, &byte, 1, 0) == 1) text += byte;
        return text;
    }
    static void write(int connection, const std::string& text) {
        static_cast<void>(send(connection, text.data(), text.size(), MSG_NOSIGNAL));
    }

 private:
    void run() {
        for (int one = accept(listener_, nullptr, nullptr); one >= 0;
             one = accept(listener_, nullptr, nullptr)) {
            ++connections_;
            talk_(one);
            close(one);
        }
    }

    std::function<void(int)> talk_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> connections_{0};
    std::thread thread_;
};

/// A monotonic clock that is early when it is asked first, and late ever after.
class LateClock : public SystemClock {
 public:
    [[nodiscard]] MonotonicTime monotonic() const override {
        return asked_++ == 0 ? MonotonicTime(0ms) : MonotonicTime(10s);
    }

 private:
    mutable std::atomic<int> asked_{0};
};

class TransportTest : public ::testing::Test {
 protected:
    [[nodiscard]] HttpRequest post(MonotonicTime deadline) const {
        HttpRequest request;
        request.method = "POST";
        request.url = "/v3/pay?a=b%20c";
        request.body = "BODY";
        request.headers.add("Content-Type", "application/json");
        request.headers.add("Wechatpay-Serial", "S1");
        request.send_deadline = deadline;
        return request;
    }
    [[nodiscard]] HttpRequest post() const { return post(clock_.monotonic() + 30s); }

    [[nodiscard]] static TransportFailure failure(const HttpResult& result) {
        const auto* failed = std::get_if<TransportFailure>(&result.outcome);
        EXPECT_NE(failed, nullptr) << "there was a response";
        return failed != nullptr ? *failed : TransportFailure{};
    }
    [[nodiscard]] TransportOptions options(const std::string& address) const {
        TransportOptions o;
        o.base_url = address;
        o.connect_timeout = 2s;
        o.read_timeout = 300ms;
        return o;
    }

    SystemClock clock_;
};

TEST_F(TransportTest, SendsTheRequestAsItStandsAndReadsTheResponse) {
    std::string seen;
    RawServer server([&](int c) {
        seen = RawServer::read_until(c, "BODY");
        RawServer::write(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRequest-ID: r1\r\n\r\n{}");
    });
    Transport transport(options(server.address()), clock_);

    const HttpResult result = transport.send(post());
    server.stop();

    const auto& response = std::get<wechat::HttpResponse>(result.outcome);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{}");
    EXPECT_EQ(response.headers.get("request-id"), "r1");
    EXPECT_EQ(seen.find("POST /v3/pay?a=b%20c HTTP/1.1\r\n"), 0u) << seen;
    EXPECT_NE(seen.find("Wechatpay-Serial: S1\r\n"), std::string::npos);
    EXPECT_NE(seen.find("Content-Length: 4\r\n"), std::string::npos);
}

// R2: no byte after send_by.
TEST_F(TransportTest, SendsNothingAfterTheDeadline) {
    RawServer server([](int) {});
    Transport transport(options(server.address()), clock_);

    EXPECT_EQ(failure(transport.send(post(clock_.monotonic()))), TransportFailure::not_sent);
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(TransportTest, LeavesTheContentOutWhenConnectingTookTooLongAndCallsItLost) {
    std::string seen;
    RawServer server([&](int c) { seen = RawServer::read_until(c, "BODY"); });
    const LateClock late;
    Transport transport(options(server.address()), late);

    EXPECT_EQ(failure(transport.send(post(MonotonicTime(5s)))), TransportFailure::lost);

    server.stop();
    EXPECT_EQ(seen.find("BODY"), std::string::npos);
}

TEST_F(TransportTest, CallsARefusedConnectionNotSent) {
    std::string address;
    {
        const RawServer gone([](int) {});
        address = gone.address();
    }
    Transport transport(options(address), clock_);

    EXPECT_EQ(failure(transport.send(post())), TransportFailure::not_sent);
}

TEST_F(TransportTest, CallsEverythingAfterTheFirstByteLostAndSendsOnlyOnce) {
    const std::vector<std::string> broken_answers{"", "garbage\r\n\r\n",
                                                  "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"};
    for (const auto& broken : broken_answers) {
        SCOPED_TRACE(broken);
        RawServer server([&](int c) {
            RawServer::read_until(c, "BODY");
            RawServer::write(c, broken);
        });
        Transport transport(options(server.address()), clock_);

        EXPECT_EQ(failure(transport.send(post())), TransportFailure::lost);
        EXPECT_EQ(server.connections(), 1);
    }
}

TEST_F(TransportTest, CallsAnAnswerThatDoesNotComeLost) {
    std::atomic<bool> done{false};
    RawServer server([&](int c) {
        RawServer::read_until(c, "BODY");
        RawServer::read_until(c, "never");  // until the client gives up
        done = true;
    });
    Transport transport(options(server.address()), clock_);

    EXPECT_EQ(failure(transport.send(post())), TransportFailure::lost);
    server.stop();
    EXPECT_TRUE(done);
}

TEST_F(TransportTest, CallsAFailureOnAReusedConnectionLostAndDoesNotRepeatIt) {
    std::atomic<int> requests{0};
    RawServer server([&](int c) {
        RawServer::read_until(c, "BODY");
        ++requests;
        RawServer::write(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        if (!RawServer::read_until(c, "BODY").empty())
            ++requests;  // the second one is taken in, and never answered
    });
    Transport transport(options(server.address()), clock_);
    ASSERT_TRUE(std::holds_alternative<wechat::HttpResponse>(transport.send(post()).outcome));

    EXPECT_EQ(failure(transport.send(post())), TransportFailure::lost);

    EXPECT_EQ(server.connections(), 1);
    EXPECT_EQ(requests, 2);
}

constexpr auto good_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// A monotonic clock that a test moves.
class MovedClock : public SystemClock {
 public:
    [[nodiscard]] MonotonicTime monotonic() const override { return SystemClock::monotonic() + by; }
    Duration by{};
};

TEST_F(TransportTest, SendsTheNextRequestToTheBackupAndComesBackAfterAWhile) {
    std::atomic<bool> is_broken{true};
    RawServer main([&](int c) {
        RawServer::read_until(c, "BODY");
        if (!is_broken) RawServer::write(c, good_answer);
    });
    RawServer backup([&](int c) {
        RawServer::read_until(c, "BODY");
        RawServer::write(c, good_answer);
    });
    TransportOptions both = options(main.address());
    both.backup_url = backup.address();
    MovedClock clock;
    Transport transport(both, clock);
    const auto send = [&] { return transport.send(post(clock.monotonic() + 30s)); };

    EXPECT_EQ(failure(send()), TransportFailure::lost);  // never repeated by itself
    EXPECT_EQ(backup.connections(), 0);
    EXPECT_TRUE(std::holds_alternative<wechat::HttpResponse>(send().outcome));
    EXPECT_EQ(backup.connections(), 1);

    is_broken = false;
    clock.by = both.backup_for + 1s;
    EXPECT_TRUE(std::holds_alternative<wechat::HttpResponse>(send().outcome));
    EXPECT_EQ(main.connections(), 2);
    EXPECT_EQ(backup.connections(), 1);
}

TEST_F(TransportTest, ComesBackAtOnceWhenTheBackupFailsToo) {
    RawServer main([](int c) { RawServer::read_until(c, "BODY"); });
    RawServer backup([](int c) { RawServer::read_until(c, "BODY"); });
    TransportOptions both = options(main.address());
    both.backup_url = backup.address();
    Transport transport(both, clock_);

    for (int i = 0; i < 4; ++i) EXPECT_EQ(failure(transport.send(post())), TransportFailure::lost);

    EXPECT_EQ(main.connections(), 2);
    EXPECT_EQ(backup.connections(), 2);
}

TEST_F(TransportTest, APassedDeadlineSaysNothingAgainstTheHost) {
    RawServer main([](int c) {
        RawServer::read_until(c, "BODY");
        RawServer::write(c, good_answer);
    });
    RawServer backup([](int) {});
    TransportOptions both = options(main.address());
    both.backup_url = backup.address();
    Transport transport(both, clock_);

    EXPECT_EQ(failure(transport.send(post(clock_.monotonic()))), TransportFailure::not_sent);
    EXPECT_TRUE(std::holds_alternative<wechat::HttpResponse>(transport.send(post()).outcome));
    EXPECT_EQ(backup.connections(), 0);
}

TEST_F(TransportTest, GivesUpOnAnAnswerThatIsTooLarge) {
    RawServer server([](int c) {
        RawServer::read_until(c, "BODY");
        RawServer::write(c, "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, ' '));
    });
    TransportOptions small = options(server.address());
    small.answer_bytes_max = 1000;
    Transport transport(small, clock_);

    EXPECT_EQ(failure(transport.send(post())), TransportFailure::lost);
}

TEST_F(TransportTest, TrustsOnlyACertificateOfTheGivenAuthority) {
    const auto folder = std::filesystem::path(::testing::TempDir()) / ("tls-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const auto key = test::make_rsa(2048);
    std::ofstream(folder / "key.pem") << test::pkcs8_pem(key);
    std::ofstream(folder / "certificate.pem") << test::certificate_pem(key);
    httplib::SSLServer server((folder / "certificate.pem").c_str(), (folder / "key.pem").c_str());
    server.Post("/v3/pay",
                [](const httplib::Request&, httplib::Response& out) { out.set_content("{}", "a/b"); });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::thread serving([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::sleep_for(1ms);
    TransportOptions strange = options("https://127.0.0.1:" + std::to_string(port));
    Transport distrusts(strange, clock_);

    EXPECT_EQ(failure(distrusts.send(post())), TransportFailure::not_sent);

    server.stop();
    serving.join();
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tixian::http

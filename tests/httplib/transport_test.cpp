// SPDX-License-Identifier: MIT
#include <atomic>
#include <csignal>
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

TEST_F(TransportTest, GivesUpOnAnAnswerThatDribbles) {
    RawServer server([](int c) {
        RawServer::read_until(c, "BODY");
        RawServer::write(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        for (int i = 0; i < 100; ++i) {
            RawServer::write(c, " ");
            std::this_thread::sleep_for(20ms);
        }
    });
    TransportOptions brisk = options(server.address());
    brisk.body_timeout = 200ms;
    Transport transport(brisk, clock_);

    const HttpResult result = transport.send(post());

    EXPECT_EQ(failure(result), TransportFailure::lost);
    EXPECT_LT(result.elapsed, 1500ms);
}

TEST(TransportOptionsTest, AreRefusedByNameWhereAnAddressIsNone) {
    const auto field = [](const std::string& base, const std::string& backup) {
        const auto sane = check(TransportOptions{.base_url = base, .backup_url = backup});
        return sane ? "" : sane.error().field;
    };

    EXPECT_EQ(field("https://api.mch.weixin.qq.com", ""), "");
    EXPECT_EQ(field("http://[::1]:8080", wechat_backup_url), "");
    for (const char* bad : {"", "https://", "api.mch.weixin.qq.com", "https://a/b", "https://a:0",
                            "https://a:65536", "https://a:99999999999", "https://u@a", "https://a?b"}) {
        SCOPED_TRACE(bad);
        EXPECT_EQ(field(bad, ""), "base_url");
        EXPECT_EQ(field("https://a", bad), *bad == '\0' ? "" : "backup_url");
    }
}

/// A certificate that says that it is 127.0.0.1's, signed by itself.
std::string loopback_certificate(const test::TestKey& key) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    const std::string host = "127.0.0.1";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    return test::pem_text([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

/// A TLS server with a certificate of its own, which the client is told to trust.
class TlsTransportTest : public TransportTest {
 protected:
    TlsTransportTest() {
        std::filesystem::create_directories(folder_);
        const auto key = test::make_rsa(2048);
        std::ofstream(folder_ / "key.pem") << test::pkcs8_pem(key);
        std::ofstream(folder_ / "certificate.pem") << loopback_certificate(key);
        server_ = std::make_unique<httplib::SSLServer>((folder_ / "certificate.pem").c_str(),
                                                       (folder_ / "key.pem").c_str());
        server_->set_keep_alive_timeout(1);
        server_->Post("/v3/pay", [this](const httplib::Request&, httplib::Response& out) {
            ++handled_;
            out.set_content("{}", "a/b");
        });
        const int port = server_->bind_to_any_port("127.0.0.1");
        address_ = "https://127.0.0.1:" + std::to_string(port);
        serving_ = std::thread([this] { server_->listen_after_bind(); });
        while (!server_->is_running()) std::this_thread::sleep_for(1ms);
    }
    ~TlsTransportTest() override {
        while (!server_->is_running()) std::this_thread::sleep_for(1ms);
        server_->stop();
        serving_.join();
        std::filesystem::remove_all(folder_);
    }

    std::filesystem::path folder_ =
        std::filesystem::path(::testing::TempDir()) / ("tls-" + std::to_string(getpid()));
    std::unique_ptr<httplib::SSLServer> server_;
    std::atomic<int> handled_{0};
    std::string address_;
    std::thread serving_;
};

TEST_F(TlsTransportTest, TrustsOnlyACertificateOfTheGivenAuthority) {
    Transport distrusts(options(address_), clock_);

    EXPECT_EQ(failure(distrusts.send(post())), TransportFailure::not_sent);
    EXPECT_EQ(handled_, 0);
}

TEST_F(TlsTransportTest, DoesNotUseAConnectionThatTheServerMayHaveClosed) {
    TransportOptions trusting = options(address_);
    trusting.ca_file = (folder_ / "certificate.pem").string();
    trusting.idle_max = 200ms;
    Transport transport(trusting, clock_);
    ASSERT_TRUE(std::holds_alternative<wechat::HttpResponse>(transport.send(post()).outcome));
    // The server closes what rests for a second; over TLS that is not seen before the next request is lost.
    std::this_thread::sleep_for(1500ms);

    const HttpResult result = transport.send(post());

    EXPECT_TRUE(std::holds_alternative<wechat::HttpResponse>(result.outcome));
    EXPECT_EQ(handled_, 2);
}

TEST_F(TlsTransportTest, KeepsSigpipeFromTheHost) {
    signal(SIGPIPE, SIG_DFL);  // would end this process
    TransportOptions trusting = options(address_);
    trusting.ca_file = (folder_ / "certificate.pem").string();
    trusting.idle_max = 60s;
    Transport transport(trusting, clock_);
    ASSERT_TRUE(std::holds_alternative<wechat::HttpResponse>(transport.send(post()).outcome));
    std::this_thread::sleep_for(1500ms);

    EXPECT_EQ(failure(transport.send(post())), TransportFailure::lost);
    EXPECT_TRUE(std::holds_alternative<wechat::HttpResponse>(transport.send(post()).outcome));
}

}  // namespace
}  // namespace tixian::http

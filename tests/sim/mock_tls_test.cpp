// SPDX-License-Identifier: MIT
// TLS with a certificate for WeChat's hosts, and the CONNECT proxy for clients whose hosts are fixed.
#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock/proxy.hpp"
#include "mock/tls_keys.hpp"
#include "mock_client.hpp"

namespace tixian::mock {
namespace {

Options with_tls() {
    Options options = MockAndMerchant::quick_options();
    options.tls_port = options.proxy_port = 0;
    return options;
}

std::string authority() { return tls_files(TIXIAN_TEST_MOCK_KEYS).ca_pem.string(); }

TEST(MockTls, ServesWithACertificateThatItsAuthorityVouchesFor) {
    const MockAndMerchant mock(with_tls());
    httplib::SSLClient client("localhost", mock.tls_port());
    client.set_ca_cert_path(authority().c_str());
    client.enable_server_certificate_verification(true);

    const auto first = client.Get("/_mock/healthz");
    const auto second = client.Get("/v3/certificates");

    ASSERT_TRUE(first) << httplib::to_string(first.error());
    EXPECT_EQ(first->status, 200);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->status, 401) << "the same endpoints as without TLS";
}

TEST(MockTls, IsNotTrustedWithoutItsAuthority) {
    const MockAndMerchant mock(with_tls());
    httplib::SSLClient client("localhost", mock.tls_port());
    client.enable_server_certificate_verification(true);

    EXPECT_FALSE(client.Get("/_mock/healthz"));
}

TEST(MockTls, KeepsItsFilesAndHidesItsKey) {
    const MockAndMerchant first(with_tls());
    const TlsFiles files = tls_files(TIXIAN_TEST_MOCK_KEYS);
    const auto made_at = std::filesystem::last_write_time(files.certificate_pem);
    const MockAndMerchant second(with_tls());

    EXPECT_EQ(std::filesystem::last_write_time(files.certificate_pem), made_at);
    const auto mode = std::filesystem::status(files.key_pem).permissions();
    EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
              std::filesystem::perms::none);
    EXPECT_TRUE(std::filesystem::exists(files.ca_p12));
}

TEST(MockTls, OutlivesAPeerThatDoesNotSpeakIt) {
    const MockAndMerchant mock(with_tls());
    httplib::Client plain("127.0.0.1", mock.tls_port());

    EXPECT_FALSE(plain.Get("/_mock/healthz"));

    httplib::SSLClient client("localhost", mock.tls_port());
    client.enable_server_certificate_verification(false);
    EXPECT_TRUE(client.Get("/_mock/healthz"));
}

TEST(MockProxy, ConnectsWechatsHostsToTheMock) {
    const MockAndMerchant mock(with_tls());
    for (const std::string_view host : wechat_hosts) {
        SCOPED_TRACE(host);
        httplib::SSLClient client(std::string(host), 443);
        client.set_proxy("127.0.0.1", mock.proxy_port());
        client.set_ca_cert_path(authority().c_str());
        client.enable_server_certificate_verification(true);

        const auto result = client.Get("/_mock/healthz");

        ASSERT_TRUE(result) << httplib::to_string(result.error());
        EXPECT_EQ(result->body, R"({"status":"ok"})");
    }
}

TEST(MockProxy, RefusesOtherHostsAndOtherMethods) {
    const MockAndMerchant mock(with_tls());
    httplib::SSLClient client("example.org", 443);
    client.set_proxy("127.0.0.1", mock.proxy_port());
    EXPECT_FALSE(client.Get("/"));

    httplib::Client plain("127.0.0.1", mock.proxy_port());
    const auto result = plain.Get("/");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 405);
}

TEST(MockProxy, ListensOnNothingButTheGivenAddress) {
    Options options = with_tls();
    options.host = "::1";
    Server server(options);

    EXPECT_FALSE(server.start());
}

int listening_socket(int& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
    return listener;
}

TEST(MockProxy, StopsAtOnceWhileItsClientSendsAndNobodyReads) {
    int server_port = 0;
    const int server = listening_socket(server_port);
    Proxy proxy(server_port);
    const int port = proxy.open("127.0.0.1", 0).value();
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const std::string connect = "CONNECT api.mch.weixin.qq.com:443 HTTP/1.1\r\n\r\n";
    ASSERT_GT(::send(client, connect.data(), connect.size(), 0), 0);
    // Until every buffer on the way is full.
    const std::string flood(std::size_t{1} << 16, 'x');
    for (int refused = 0; refused < 20;) {
        const bool is_full = ::send(client, flood.data(), flood.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0;
        refused = is_full ? refused + 1 : 0;
        if (is_full) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }

    auto stopped = std::async(std::launch::async, [&proxy] { proxy.close(); });

    EXPECT_EQ(stopped.wait_for(std::chrono::seconds(3)), std::future_status::ready);
    ::close(client);
    ::close(server);  // lets a proxy go that hangs
}

TEST(MockProxy, StopsAtOnceWithATunnelOpen) {
    MockAndMerchant mock(with_tls());
    httplib::SSLClient client(std::string(wechat_hosts[0]), 443);
    client.set_proxy("127.0.0.1", mock.proxy_port());
    client.enable_server_certificate_verification(false);
    client.set_keep_alive(true);
    ASSERT_TRUE(client.Get("/_mock/healthz"));
    const auto begin = std::chrono::steady_clock::now();

    mock.server().stop();

    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

}  // namespace
}  // namespace tixian::mock

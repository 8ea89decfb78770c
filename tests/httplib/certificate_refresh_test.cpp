// SPDX-License-Identifier: MIT
#include "tixian/httplib/certificate_refresh.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "../wechat/wechat_side.hpp"
#include "tixian/httplib/wechat_gateway.hpp"
#include "tixian/threads/system_clock.hpp"

namespace tixian::http {
namespace {

using namespace std::chrono_literals;
using wechat::WechatSide;

/// A clock a little ahead, so that a certificate that was made now is valid.
class AheadClock : public SystemClock {
 public:
    [[nodiscard]] Timestamp now() const override { return SystemClock::now() + 1min; }
};

/// WeChat's address for certificates, and one key with its certificate.
class CertificateServer {
 public:
    explicit CertificateServer(const Clock& clock) : clock_(clock) {
        server_.Get("/v3/certificates", [this](const httplib::Request&, httplib::Response& out) {
            ++downloads;
            answer(status, status == 200 ? list_ : R"({"code":"RESOURCE_NOT_EXISTS","message":"无"})", out);
        });
        server_.Get(R"(/v3/fund-app/.*)", [this](const httplib::Request&, httplib::Response& out) {
            answer(200, R"({"out_bill_no":"WD1","transfer_bill_no":"1330","state":"SUCCESS"})", out);
        });
        server_.set_tcp_nodelay(true);
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) std::this_thread::sleep_for(1ms);
    }
    CertificateServer(const CertificateServer&) = delete;
    CertificateServer& operator=(const CertificateServer&) = delete;
    ~CertificateServer() {
        server_.stop();
        thread_.join();
    }
    [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }

    std::atomic<int> downloads{0};
    std::atomic<int> status{200};

 private:
    void answer(int code, const std::string& body, httplib::Response& out) const {
        const std::string timestamp = std::to_string(to_millis(clock_.now()) / 1000);
        const std::string message = wechat::answer_message(timestamp, "n", body);
        out.set_header("Wechatpay-Timestamp", timestamp);
        out.set_header("Wechatpay-Nonce", "n");
        out.set_header("Wechatpay-Serial", test::test_serial);
        out.set_header("Wechatpay-Signature",
                       wechat::base64_encode(test::private_key().sign_sha256(message).value()));
        out.status = code;
        out.set_content(body, "application/json");
    }

    const Clock& clock_;
    const std::string list_ =
        nlohmann::json{
            {"data", nlohmann::json::array(
                         {{{"serial_no", test::test_serial},
                           {"effective_time", "2025-01-22T15:44:23+08:00"},
                           {"expire_time", "2030-01-22T15:44:23+08:00"},
                           {"encrypt_certificate",
                            WechatSide::resource(test::certificate_pem(test::test_key()), "certificate")}}})}}
            .dump();
    httplib::Server server_;
    int port_ = 0;
    std::thread thread_;
};

class CertificateRefreshTest : public ::testing::Test {
 protected:
    AheadClock clock_;
    CertificateServer server_{clock_};
    testing::SeededRandom random_{1};
    wechat::PemSigner signer_{test::private_key(), "5157F09EFDC096DE15EBE81A47057A72"};
    wechat::KeyRing keys_;
    wechat::Apiv3Key key_ = wechat::Apiv3Key::parse(WechatSide::apiv3_key).value();
    wechat::Exchange exchange_{Mchid::parse("1900000001").value(), signer_, keys_, random_};
    Transport transport_{{.base_url = server_.address()}, clock_};
    CertificateRefresh refresh_{exchange_, keys_, key_, transport_, clock_};
};

TEST_F(CertificateRefreshTest, FillsAnEmptyRingOnce) {
    EXPECT_EQ(refresh_.refresh().value(), true);
    EXPECT_EQ(refresh_.refresh().value(), false);

    EXPECT_TRUE(keys_.find(test::test_serial, clock_.now()));
    EXPECT_EQ(server_.downloads, 1);
}

TEST_F(CertificateRefreshTest, LeavesTheRingAsItIsWhenThereAreNone) {
    keys_.add(test::test_serial, test::public_key());
    server_.status = 404;

    EXPECT_EQ(refresh_.refresh().error().code, "RESOURCE_NOT_EXISTS");

    EXPECT_TRUE(keys_.find(test::test_serial, clock_.now()));
    EXPECT_FALSE(refresh_.refresh().value());
}

TEST_F(CertificateRefreshTest, DownloadsOnceForManyThreadsWhileTheyVerify) {
    keys_.add(test::test_serial, test::public_key());
    wechat::TransferBills transfers(wechat::MerchantSide::merchant(false), signer_, keys_, random_);
    WechatGateway gateway(transfers, transport_);
    Call call;
    call.id = WithdrawalId::parse("WD1").value();
    call.kind = CallKind::query;
    call.destination = transfers.destination();
    call.signed_at = clock_.now();
    call.send_deadline = clock_.monotonic() + 30s;
    std::atomic<int> reports{0};

    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int turn = 0; turn < 20; ++turn) {
                static_cast<void>(refresh_.refresh());
                if (std::holds_alternative<Report>(gateway.perform(call).result)) ++reports;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();

    EXPECT_EQ(server_.downloads, 1);
    EXPECT_EQ(reports, 80);
}

TEST_F(CertificateRefreshTest, HearsOfAnUnknownSerialFromTheRing) {
    wechat::TransferBills transfers(wechat::MerchantSide::merchant(false), signer_, keys_, random_);
    CertificateRefresh eager(exchange_, keys_, key_, transport_, clock_,
                             {.pause = Duration(0), .unknown_pause = Duration(0)});
    WechatGateway gateway(transfers, transport_);
    ASSERT_TRUE(eager.refresh().value());
    EXPECT_TRUE(eager.has_settled());
    keys_.remove(test::test_serial);
    keys_.add("PUB_KEY_ID_OTHER", test::public_key());
    Call call;
    call.id = WithdrawalId::parse("WD1").value();
    call.kind = CallKind::query;
    call.destination = transfers.destination();
    call.signed_at = clock_.now();
    call.send_deadline = clock_.monotonic() + 30s;

    EXPECT_EQ(std::get<NoNews>(gateway.perform(call).result).code, "unknown_serial");
    EXPECT_TRUE(eager.refresh().value());
    EXPECT_TRUE(std::holds_alternative<Report>(gateway.perform(call).result));
    EXPECT_FALSE(eager.refresh().value());
}

}  // namespace
}  // namespace tixian::http

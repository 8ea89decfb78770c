// SPDX-License-Identifier: MIT
#include <chrono>
#include <deque>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock_client.hpp"
#include "raw_socket.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;
using std::chrono::milliseconds, std::chrono::seconds, std::chrono::steady_clock;

Options options_with_quick_retries() {
    Options options = MockAndMerchant::quick_options();
    options.terms.notify_retries.assign(5, Duration(10));
    return options;
}

json body_with_url(const MockAndMerchant& mock, const std::string& number, const std::string& url) {
    json body = mock.create_body(number);
    body["notify_url"] = url;
    return body;
}

TEST(MockNotifications, AreSignedEncryptedAndTellTheFinalState) {
    Receiver receiver({204});
    const MockAndMerchant mock;
    const json created = mock.create(body_with_url(mock, "A1", receiver.url())).json();
    mock.control_post("/_mock/bills/A1/fail", R"({"fail_reason":"OPENID_INVALID"})");

    ASSERT_TRUE(receiver.wait_for(1));

    const Reply notification = receiver.received()[0];
    EXPECT_TRUE(notification.is_signed_by(mock.keys()));
    const json envelope = notification.json();
    EXPECT_EQ(envelope["event_type"], "MCHTRANSFER.BILL.FINISHED");
    EXPECT_EQ(envelope["resource_type"], "encrypt-resource");
    EXPECT_EQ(envelope["resource"]["original_type"], "mch_payment");
    EXPECT_EQ(envelope["resource"]["algorithm"], "AEAD_AES_256_GCM");
    const json plain = json::parse(decrypt_resource(mock.keys().apiv3_key, envelope["resource"]));
    EXPECT_EQ(plain["out_bill_no"], "A1");
    EXPECT_EQ(plain["transfer_bill_no"], created["transfer_bill_no"]);
    EXPECT_EQ(plain["state"], "FAIL");
    EXPECT_EQ(plain["fail_reason"], "OPENID_INVALID");
    EXPECT_EQ(plain["mch_id"], mock.keys().identity.mchid);
    EXPECT_EQ(plain["transfer_amount"], 1234);
    EXPECT_EQ(plain["openid"], "oUser-1_2");
}

TEST(MockNotifications, AreRepeatedUntilAnswered) {
    Receiver receiver({500, 404, 202, 200});
    const MockAndMerchant mock(options_with_quick_retries());
    ASSERT_EQ(mock.create(body_with_url(mock, "A1", receiver.url())).status, 200);
    ASSERT_EQ(mock.cancel("A1").status, 200);

    ASSERT_TRUE(receiver.wait_for(4));

    EXPECT_TRUE(eventually([&] { return mock.control_get("/_mock/bills/A1").json()["notified"] == true; }));
    const auto received = receiver.received();
    EXPECT_EQ(received.size(), 4U);
    EXPECT_EQ(received[0].json()["id"], received[3].json()["id"]);
    EXPECT_NE(received[0].header("Wechatpay-Nonce"), received[3].header("Wechatpay-Nonce"));
    EXPECT_EQ(mock.control_get("/_mock/bills/A1").json()["notify_attempts"], 4);
}

TEST(MockNotifications, StayDueWhileSwitchedOff) {
    Receiver receiver({200});
    const MockAndMerchant mock(options_with_quick_retries());
    mock.control_post("/_mock/settings", R"({"notifications":false})");
    ASSERT_EQ(mock.create(body_with_url(mock, "A1", receiver.url())).status, 200);
    ASSERT_EQ(mock.cancel("A1").json()["state"], "CANCELLED");
    EXPECT_TRUE(receiver.received().empty());

    mock.control_post("/_mock/settings", R"({"notifications":true})");

    EXPECT_TRUE(receiver.wait_for(1));
}

TEST(MockNotifications, GiveUpWhenNobodyListensAndNeverStopTheMock) {
    Options options = options_with_quick_retries();
    const MockAndMerchant mock(options);
    ASSERT_EQ(mock.create(body_with_url(mock, "A1", "http://127.0.0.1:1/notify")).status, 200);
    ASSERT_EQ(mock.create(body_with_url(mock, "A2", "http://127.0.0.1:99999999999999/notify")).status, 200);
    for (const char* number : {"A1", "A2"}) ASSERT_EQ(mock.cancel(number).status, 200);

    for (const std::string number : {"A1", "A2"}) {
        EXPECT_TRUE(eventually(
            [&] { return mock.control_get("/_mock/bills/" + number).json()["notify_attempts"] == 6; }));
    }
}

/// Takes one connection and answers it a byte at a time.
class DribblingReceiver {
 public:
    DribblingReceiver() : listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listening_, generic, size) != 0 || ::listen(listening_, 1) != 0 ||
            ::getsockname(listening_, generic, &size) != 0)
            throw std::runtime_error("no socket");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { dribble(); });
    }
    ~DribblingReceiver() {
        ::shutdown(listening_, SHUT_RDWR);
        thread_.join();
        ::close(listening_);
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/notify"; }

 private:
    void dribble() const {
        const int peer = ::accept(listening_, nullptr, nullptr);
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, ' ');
        for (const char c : answer) {
            if (::send(peer, &c, 1, MSG_NOSIGNAL) != 1) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        ::close(peer);
    }
    int listening_, port_ = 0;
    std::thread thread_;
};

TEST(MockNotifications, GiveAReceiverFiveSecondsForAllOfHisAnswer) {
    DribblingReceiver receiver;
    const MockAndMerchant mock;
    json body = mock.create_body("A1");
    body["notify_url"] = receiver.url();
    ASSERT_EQ(mock.create(body).status, 200);
    ASSERT_EQ(mock.cancel("A1").status, 200);

    const auto sent = [&] { return mock.control_get("/_mock/journal?kind=notification&number=A1").json(); };
    ASSERT_TRUE(eventually([&] { return !sent().empty(); }) || eventually([&] { return !sent().empty(); }));
    EXPECT_EQ(sent()[0]["status"], 0);
    EXPECT_EQ(mock.control_get("/_mock/verdicts").json()[0]["sin"], "left_unanswered");
}

TEST(MockFaults, HoldsAnswersOfExecutedRequestsUntilReleased) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/settings", R"({"hold_answers":true})");
    auto reply = std::async(std::launch::async, [&] { return mock.create(mock.create_body("A1")); });

    EXPECT_EQ(mock.wait_for("A1", "WAIT_USER_CONFIRM").status, 200);
    EXPECT_EQ(reply.wait_for(milliseconds(100)), std::future_status::timeout);
    mock.control_post("/_mock/settings", R"({"hold_answers":false})");

    EXPECT_EQ(reply.get().status, 200);
}

TEST(MockFaults, LetsGoOfAHeldAnswerWhenTheCallerIsGone) {
    Options options = MockAndMerchant::quick_options();
    options.threads = 2;
    const MockAndMerchant mock(options);
    mock.control_post("/_mock/settings", R"({"hold_answers":true})");
    httplib::Client impatient = mock.client();
    impatient.set_read_timeout(0, 100'000);

    // With two threads, two held answers would leave none for what follows.
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(impatient.Get("/v3/held"));

    EXPECT_EQ(mock.control_get("/_mock/healthz").status, 200);
}

TEST(MockFaults, DelaysAnswersAfterExecuting) {
    const MockAndMerchant mock;
    mock.control_post("/_mock/settings", R"({"answer_delay_ms":200})");
    const auto begin = steady_clock::now();

    const Reply reply = mock.create(mock.create_body("A1"));

    EXPECT_EQ(reply.status, 200);
    EXPECT_GE(steady_clock::now() - begin, milliseconds(200));
}

TEST(MockFaults, LeavesErrorsUnsignedWhenToldSo) {
    Options options = MockAndMerchant::quick_options();
    options.switches.unsigned_errors = true;
    const MockAndMerchant mock(options);

    const Reply error = mock.query("A1");
    const Reply ok = mock.create(mock.create_body("A1"));

    EXPECT_EQ(error.status, 404);
    EXPECT_EQ(error.header("Wechatpay-Signature"), "");
    EXPECT_NE(error.header("Request-ID"), "");
    EXPECT_TRUE(ok.is_signed_by(mock.keys()));
}

TEST(MockControl, ChangesNothingWhenASettingIsBad) {
    const MockAndMerchant mock;
    const json before = mock.control_get("/_mock/settings").json();
    for (const char* bad : {"", "[]", R"({"hold":true})", R"({"hold_answers":1})",
                            R"({"answer_delay_ms":-1})", R"({"answer_delay_ms":5,"auto_confirm_ms":"x"})"}) {
        SCOPED_TRACE(bad);
        EXPECT_EQ(mock.control_post("/_mock/settings", bad).status, 400);
    }
    EXPECT_EQ(mock.control_get("/_mock/settings").json(), before);
}

TEST(MockControl, SaysWhatToDoAboutALargeForm) {
    const MockAndMerchant mock;
    httplib::Client client("127.0.0.1", mock.port());
    const std::string large = "{\"seed\": 1" + std::string(9000, ' ') + "}";

    const auto refused = client.Post("/_mock/seed", large, "application/x-www-form-urlencoded");
    const auto taken = client.Post("/_mock/seed", large, "text/plain");

    ASSERT_TRUE(refused && taken);
    EXPECT_EQ(refused->status, 413);
    EXPECT_NE(refused->body.find("text/plain"), std::string::npos);
    EXPECT_EQ(taken->status, 200);
}

TEST(MockControl, ConfirmsByItselfWhenSwitchedOn) {
    const MockAndMerchant mock;
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);

    mock.control_post("/_mock/settings", R"({"auto_confirm_ms":20})");

    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
}

TEST(MockControl, WaitsForABillThatDoesNotExistYet) {
    const MockAndMerchant mock;
    auto waiting = std::async(std::launch::async, [&] { return mock.wait_for("A1", "FINAL"); });
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    ASSERT_EQ(mock.cancel("A1").status, 200);

    EXPECT_EQ(waiting.get().json()["state"], "CANCELLED");
    EXPECT_EQ(mock.control_get("/_mock/bills/A1?until=SUCCESS&timeout=50ms").status, 504);
    EXPECT_EQ(mock.control_get("/_mock/bills/A1?until=PAID").status, 400);
    EXPECT_EQ(mock.control_get("/_mock/bills/A2").status, 404);
}

TEST(MockControl, KeepsAJournalOfRequests) {
    const MockAndMerchant mock;
    const Reply reply = mock.query("A1");

    const json journal = mock.control_get("/_mock/requests").json();

    ASSERT_EQ(journal.size(), 1U);
    EXPECT_EQ(journal[0]["method"], "GET");
    EXPECT_TRUE(journal[0]["path"].get<std::string>().ends_with("/out-bill-no/A1"));
    EXPECT_EQ(journal[0]["status"], 404);
    EXPECT_EQ(journal[0]["request_id"], reply.header("Request-ID"));
}

TEST(MockControl, ResetsEverythingAndGivesNoNumberTwice) {
    const MockAndMerchant mock;
    const json first = mock.create(mock.create_body("A1")).json();
    mock.control_post("/_mock/settings", R"({"answer_delay_ms":1})");
    mock.control_post("/_mock/balance", R"({"fen":1})");

    mock.control_post("/_mock/reset");

    EXPECT_EQ(mock.control_get("/_mock/bills").json(), json::array());
    EXPECT_EQ(mock.control_get("/_mock/requests").json(), json::array());
    EXPECT_EQ(mock.control_get("/_mock/balance").json()["fen"], 100000000);
    EXPECT_EQ(mock.control_get("/_mock/settings").json()["answer_delay_ms"], 0);
    EXPECT_NE(mock.create(mock.create_body("A1")).json()["transfer_bill_no"], first["transfer_bill_no"]);
}

TEST(MockConfirmPage, ConfirmsByItsFormAndEscapesTheRemark) {
    const MockAndMerchant mock;
    json body = mock.create_body("A1");
    body["transfer_remark"] = "<script>&\"'";
    const auto package = mock.create(body).json()["package_info"].get<std::string>();
    std::string encoded;
    for (const char c : package)
        encoded += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);

    const Reply page = mock.control_get("/_mock/confirm?package=" + encoded);
    EXPECT_NE(page.body.find("¥12.34"), std::string::npos);
    EXPECT_NE(page.body.find("id=\"confirm\""), std::string::npos);
    EXPECT_NE(page.body.find("&lt;script&gt;&amp;&quot;&#39;"), std::string::npos);
    EXPECT_EQ(page.body.find("<script>"), std::string::npos);

    const auto posted =
        mock.client().Post("/_mock/confirm", "package=" + encoded, "application/x-www-form-urlencoded");
    ASSERT_TRUE(posted);
    EXPECT_EQ(posted->status, 303);
    // The Location itself cannot be used: cpp-httplib's client decodes what headers hold.
    const Reply done = mock.control_get("/_mock/confirm?package=" + encoded);
    EXPECT_NE(done.body.find("id=\"done\""), std::string::npos);
    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
}

TEST(MockConfirmPage, SaysWhyThereIsNothingToConfirm) {
    const MockAndMerchant mock;
    EXPECT_EQ(mock.control_get("/_mock/confirm?package=x").status, 404);
    EXPECT_EQ(mock.control_get("/_mock/confirm").status, 404);
}

TEST(MockStop, EndsAHeldAnswerWithoutAnsweringIt) {
    MockAndMerchant mock;
    mock.control_post("/_mock/settings", R"({"hold_answers":true})");
    auto reply = std::async(std::launch::async, [&] { return mock.create(mock.create_body("A1")); });
    ASSERT_EQ(mock.wait_for("A1", "WAIT_USER_CONFIRM").status, 200);
    const auto begin = steady_clock::now();

    mock.server().stop();

    EXPECT_LT(steady_clock::now() - begin, seconds(2));
    EXPECT_EQ(reply.get().status, 0);
}

TEST(MockStop, EndsIdleConnectionsAndWaitsAtOnce) {
    MockAndMerchant mock;
    httplib::Client idle = mock.client();
    idle.set_keep_alive(true);
    ASSERT_TRUE(idle.Get("/_mock/healthz"));
    auto waiting = std::async(std::launch::async,
                              [&] { return mock.control_get("/_mock/bills/A1?until=SUCCESS&timeout=60s"); });
    const auto begin = steady_clock::now();

    mock.server().stop();
    static_cast<void>(waiting.get());

    EXPECT_LT(steady_clock::now() - begin, seconds(2));
}

TEST(MockStop, RefusesAPortThatIsTaken) {
    MockAndMerchant first;
    Options options = MockAndMerchant::quick_options();
    options.port = first.server().port();
    Server second(options);

    EXPECT_FALSE(second.start());
}

TEST(MockConnections, KeepsIdleOnesWhileThreadsAreFree) {
    Options options = MockAndMerchant::quick_options();
    options.threads = 64;
    const MockAndMerchant mock(options);
    std::deque<RawSocket> idle;
    for (int i = 0; i < 32; ++i) idle.emplace_back(mock.port());

    for (int i = 0; i < 200; ++i) {
        RawSocket other(mock.port());
        other.send("GET /_mock/healthz HTTP/1.1\r\nHost: mock\r\n\r\n");
        other.read(seconds(5), "}");
    }

    for (RawSocket& socket : idle) {
        socket.read(milliseconds(5));
        EXPECT_EQ(socket.seen_end, SeenEnd::open);
    }
}

TEST(MockConnections, ServesMoreIdleConnectionsThanThreads) {
    Options options = MockAndMerchant::quick_options();
    options.threads = 2;
    const MockAndMerchant mock(options);
    std::vector<httplib::Client> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(mock.client());
        clients.back().set_keep_alive(true);
    }

    for (httplib::Client& client : clients) EXPECT_TRUE(client.Get("/_mock/healthz"));
}

}  // namespace
}  // namespace tixian::mock

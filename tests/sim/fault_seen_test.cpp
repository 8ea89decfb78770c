// SPDX-License-Identifier: MIT
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "faults/catalogue.hpp"
#include "mock_client.hpp"
#include "raw_socket.hpp"
#include "receiver.hpp"

namespace tixian::mock {
namespace {

using faults::Fault;
using nlohmann::json;
using std::chrono::milliseconds, std::chrono::steady_clock;

constexpr const char* bills_path = "/v3/fund-app/mch-transfer/transfer-bills";
constexpr milliseconds patience(5000);

void add(const MockAndMerchant& mock, Fault fault, const json& with = json::object(),
         const json& more = json::object()) {
    json rule = {{"fault", faults::name(fault)}, {"with", with}};
    rule.update(more);
    const Reply reply = mock.control_post("/_mock/faults", rule.dump());
    ASSERT_EQ(reply.status, 200) << reply.body;
}

bool has_bill(const MockAndMerchant& mock) { return mock.control_get("/_mock/bills/A1").status == 200; }

std::string create_request(const MockAndMerchant& mock) {
    return raw_request(mock, "POST", bills_path, mock.create_body("A1").dump());
}

void see_a_raw_create(const MockAndMerchant& mock, RawSocket& socket, milliseconds time = patience) {
    ASSERT_TRUE(socket.is_connected());
    socket.send(create_request(mock));
    socket.read(time);
    static_cast<void>(mock);
}

int port_of(const MockAndMerchant& mock) { return mock.port(); }

bool took_at_least(milliseconds time, const std::function<void()>& act) {
    const auto begin = steady_clock::now();
    act();
    return steady_clock::now() - begin >= time;
}

// --- transport

void sees_latency(Fault fault, const json& with, milliseconds at_least) {
    const MockAndMerchant mock;
    add(mock, fault, with);
    EXPECT_TRUE(took_at_least(at_least, [&] { EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200); }));
}
void sees_latency_fixed() { sees_latency(Fault::latency_fixed, {{"delay", "60ms"}}, milliseconds(60)); }
void sees_latency_uniform() {
    sees_latency(Fault::latency_uniform, {{"min", "50ms"}, {"max", "60ms"}}, milliseconds(50));
}
void sees_latency_lognormal() {
    sees_latency(Fault::latency_lognormal, {{"median", "60ms"}, {"sigma", 0}}, milliseconds(60));
}

void sees_silence(Fault fault, bool is_executed) {
    const MockAndMerchant mock;
    add(mock, fault, {{"hold", "80ms"}});
    RawSocket socket(port_of(mock));
    EXPECT_TRUE(took_at_least(milliseconds(80), [&] { see_a_raw_create(mock, socket); }));
    EXPECT_EQ(socket.text, "");
    EXPECT_EQ(socket.seen_end, SeenEnd::closed);
    EXPECT_EQ(has_bill(mock), is_executed);
}
void sees_timeout_before() { sees_silence(Fault::timeout_before, false); }
void sees_timeout_after() { sees_silence(Fault::timeout_after, true); }

void sees_reset(Fault fault, bool is_executed, bool has_bytes) {
    const MockAndMerchant mock;
    add(mock, fault);
    RawSocket socket(port_of(mock));
    see_a_raw_create(mock, socket);
    EXPECT_EQ(!socket.text.empty(), has_bytes);
    EXPECT_EQ(socket.seen_end, SeenEnd::reset);
    EXPECT_EQ(has_bill(mock), is_executed);
}
void sees_reset_before() { sees_reset(Fault::reset_before, false, false); }
void sees_reset_after() { sees_reset(Fault::reset_after, true, false); }
void sees_reset_during() {
    const MockAndMerchant mock;
    add(mock, Fault::reset_during);
    RawSocket socket(port_of(mock));
    see_a_raw_create(mock, socket);
    EXPECT_EQ(socket.seen_end, SeenEnd::reset);
    EXPECT_EQ(socket.text.find('}'), std::string::npos) << "half of it at most";
    EXPECT_TRUE(has_bill(mock));
}

void sees_refused() {
    const MockAndMerchant mock;
    const int port = port_of(mock);
    add(mock, Fault::refused, {{"hold", "300ms"}}, {{"count", 1}});
    RawSocket first(port);
    see_a_raw_create(mock, first);
    EXPECT_EQ(first.seen_end, SeenEnd::reset);
    const auto until = steady_clock::now() + patience;
    bool was_refused = false, is_back = false;
    while (!is_back && steady_clock::now() < until) {
        const bool connects = RawSocket(port).is_connected();
        was_refused = was_refused || !connects;
        is_back = was_refused && connects;
    }
    EXPECT_TRUE(was_refused);
    EXPECT_TRUE(is_back);
    EXPECT_FALSE(has_bill(mock));
}

void sees_truncated_body() {
    const MockAndMerchant mock;
    add(mock, Fault::truncated_body);
    RawSocket socket(port_of(mock));
    see_a_raw_create(mock, socket);
    EXPECT_NE(socket.head().find("200 OK"), std::string::npos);
    EXPECT_GT(socket.body().size(), 10U);
    EXPECT_NE(socket.body().back(), '}');
    EXPECT_EQ(socket.seen_end, SeenEnd::closed);
}

void sees_dribbled_body() {
    const MockAndMerchant mock;
    add(mock, Fault::dribbled_body, {{"bytes", 32}, {"every", "5ms"}});
    RawSocket socket(port_of(mock));
    socket.send(create_request(mock));
    socket.read(patience, "}");
    EXPECT_GT(socket.pieces, 4);
    EXPECT_TRUE(json::parse(socket.body()).contains("transfer_bill_no"));
}

void sees_half_open() {
    const MockAndMerchant mock;
    add(mock, Fault::half_open, {{"hold", "5s"}}, {{"count", 1}});
    RawSocket socket(port_of(mock));
    socket.send(create_request(mock));
    socket.read(patience, "}");
    const std::string first = socket.text;
    EXPECT_NE(first.find("200 OK"), std::string::npos);
    socket.send(raw_request(mock, "GET", std::string(bills_path) + "/out-bill-no/A1", ""));
    socket.read(milliseconds(150));
    EXPECT_EQ(socket.text, first);
    EXPECT_EQ(socket.seen_end, SeenEnd::open);
    EXPECT_EQ(mock.control_get("/_mock/requests").json().size(), 1U) << "the second was never read";
}

void sees_slow_headers() {
    const MockAndMerchant mock;
    add(mock, Fault::slow_headers, {{"every", "5ms"}});
    RawSocket socket(port_of(mock));
    socket.send(create_request(mock));
    socket.read(patience, "}");
    EXPECT_GT(socket.pieces, 5);
}

void sees_wrong_length() {
    const MockAndMerchant mock;
    add(mock, Fault::wrong_length, {{"by", 7}});
    RawSocket socket(port_of(mock));
    see_a_raw_create(mock, socket);
    EXPECT_NE(socket.head().find("Content-Length: " + std::to_string(socket.body().size() + 7)),
              std::string::npos)
        << socket.text;
}

void sees_bad_json() {
    const MockAndMerchant mock;
    add(mock, Fault::bad_json);
    const Reply reply = mock.create(mock.create_body("A1"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.json().is_discarded());
    EXPECT_TRUE(reply.is_signed_by(mock.keys()));
}

void sees_wrong_content_type() {
    const MockAndMerchant mock;
    add(mock, Fault::wrong_content_type);
    const Reply reply = mock.create(mock.create_body("A1"));
    EXPECT_TRUE(reply.header("Content-Type").starts_with("text/html"));
    EXPECT_TRUE(reply.is_signed_by(mock.keys()));
}

void sees_gateway_error() {
    const MockAndMerchant mock;
    add(mock, Fault::gateway_error, {{"status", 503}, {"executed", true}});
    const Reply reply = mock.create(mock.create_body("A1"));
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.header("Request-ID"), "");
    EXPECT_TRUE(reply.json().is_discarded());
    EXPECT_TRUE(has_bill(mock));
}

// --- answers

void sees_answer_lost() {
    const MockAndMerchant mock;
    add(mock, Fault::answer_lost);
    RawSocket socket(port_of(mock));
    see_a_raw_create(mock, socket);
    EXPECT_EQ(socket.text, "");
    EXPECT_EQ(socket.seen_end, SeenEnd::closed);
    EXPECT_TRUE(has_bill(mock));
}

void sees_error(Fault fault, const json& with, int status, const std::string& code, bool is_executed) {
    const MockAndMerchant mock;
    add(mock, fault, with);
    const Reply reply = mock.send("POST", bills_path, mock.create_body("A1").dump(), mock.credentials());
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.code(), code);
    EXPECT_TRUE(reply.is_signed_by(mock.keys()));
    EXPECT_EQ(has_bill(mock), is_executed);
}
void sees_error_though_executed() {
    sees_error(Fault::error_though_executed, json::object(), 500, "SYSTEM_ERROR", true);
}
void sees_plain_error() {
    sees_error(Fault::error, {{"status", 403}, {"code", "NO_AUTH"}}, 403, "NO_AUTH", false);
}
void sees_not_enough() { sees_error(Fault::not_enough, json::object(), 403, "NOT_ENOUGH", false); }
void sees_unknown_code() {
    sees_error(Fault::unknown_code, json::object(), 400, "A_CODE_OF_NEXT_YEAR", false);
}

void sees_executed_later() {
    const MockAndMerchant mock;
    add(mock, Fault::executed_later, {{"after", "2h"}}, {{"count", 1}});
    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 500);
    EXPECT_EQ(mock.query("A1").status, 404);
    mock.control_post("/_mock/time", R"({"advance":"2h"})");
    EXPECT_EQ(mock.wait_for("A1", "WAIT_USER_CONFIRM").status, 200);
}

void sees_rate_limited() {
    const MockAndMerchant mock;
    add(mock, Fault::rate_limited, {{"retry_after", "2s"}}, {{"match", {{"attempt_max", 1}}}});
    const Reply limited = mock.create(mock.create_body("A1"));
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.header("Retry-After"), "2");
    EXPECT_EQ(mock.create(mock.create_body("A1")).status, 200);
}

void sees_unknown_state() {
    const MockAndMerchant mock;
    add(mock, Fault::unknown_state);
    const Reply reply = mock.create(mock.create_body("A1"));
    EXPECT_EQ(reply.json()["state"], "A_STATE_OF_NEXT_YEAR");
    EXPECT_TRUE(reply.is_signed_by(mock.keys()));
}

void sees_not_yet_visible() {
    const MockAndMerchant mock;
    add(mock, Fault::not_yet_visible, {{"within", "1h"}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.query("A1").code(), "NOT_FOUND");
    mock.control_post("/_mock/time", R"({"advance":"1h"})");
    EXPECT_EQ(mock.query("A1").status, 200);
}

void sees_query_misses() {
    const MockAndMerchant mock;
    add(mock, Fault::query_misses, json::object(), {{"count", 1}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.query("A1").code(), "NOT_FOUND");
    EXPECT_EQ(mock.query("A1").status, 200);
}

// --- signatures

Reply spoiled_create(Fault fault, const json& with = json::object()) {
    const MockAndMerchant mock;
    add(mock, fault, with);
    const Reply reply = mock.create(mock.create_body("A1"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(has_bill(mock));
    EXPECT_EQ(reply.is_signed_by(mock.keys()), fault == Fault::stale_signature);
    return reply;
}
void sees_unsigned_answer() {
    EXPECT_EQ(spoiled_create(Fault::unsigned_answer).header("Wechatpay-Signature"), "");
}
void sees_wrong_signature() {
    EXPECT_EQ(spoiled_create(Fault::wrong_signature).header("Wechatpay-Signature").size(), 344U);
}
void sees_probe_signature() {
    const Reply reply = spoiled_create(Fault::probe_signature);
    EXPECT_TRUE(reply.header("Wechatpay-Signature").starts_with("WECHATPAY/SIGNTEST/"));
}
void sees_unknown_serial() {
    EXPECT_EQ(spoiled_create(Fault::unknown_serial, {{"serial", "X1"}}).header("Wechatpay-Serial"), "X1");
}
void sees_stale_signature() {
    const Reply reply = spoiled_create(Fault::stale_signature, {{"by", "400s"}});
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    EXPECT_LT(std::stoll(reply.header("Wechatpay-Timestamp")),
              std::chrono::duration_cast<std::chrono::seconds>(now).count() - 398);
}
void sees_clock_skew() {
    const MockAndMerchant mock;
    add(mock, Fault::clock_skew, {{"seconds", 400}});
    const Reply reply = mock.create(mock.create_body("A1"));
    EXPECT_EQ(reply.code(), "SIGN_ERROR") << "to that clock the request is too old";
}

// --- notifications

json body_for(const MockAndMerchant& mock, Receiver& receiver, const std::string& number = "A1") {
    json body = mock.create_body(number);
    body["notify_url"] = receiver.url();
    return body;
}

Options quick_retries() {
    Options options = MockAndMerchant::quick_options();
    options.terms.notify_retries.assign(5, Duration(10));
    return options;
}

// A bill that ends, with this fault.
struct Told {
    explicit Told(Fault fault, const json& with = json::object(), const json& more = json::object())
        : mock(quick_retries()) {
        add(mock, fault, with, more);
        EXPECT_EQ(mock.create(body_for(mock, receiver)).status, 200);
        EXPECT_EQ(mock.cancel("A1").status, 200);
        const auto until = steady_clock::now() + patience;
        while (fired() == 0 && steady_clock::now() < until) std::this_thread::yield();
        EXPECT_GE(fired(), 1);
    }
    [[nodiscard]] int fired() const {
        return mock.control_get("/_mock/faults").json()["faults"].back()["fired"].get<int>();
    }
    /// Empty when it cannot be decrypted.
    [[nodiscard]] std::string state_of(std::size_t index) {
        const json resource = receiver.received().at(index).json()["resource"];
        const json plain = json::parse(decrypt_resource(mock.keys().apiv3_key, resource), nullptr, false);
        return plain.is_object() ? plain.value("state", "") : "";
    }
    [[nodiscard]] std::size_t told_count() const {
        return mock.control_get("/_mock/journal?kind=notification&status=200").json().size();
    }
    Receiver receiver{{200}};
    MockAndMerchant mock;
};

void sees_notification_lost() {
    Told told(Fault::notification_lost, json::object(), {{"match", {{"attempt_max", 1}}}});
    ASSERT_TRUE(told.receiver.wait_for(1));
    const auto until = steady_clock::now() + patience;
    while (told.told_count() == 0 && steady_clock::now() < until) std::this_thread::yield();
    EXPECT_EQ(told.told_count(), 1U) << "the lost one was never sent";
    EXPECT_EQ(told.state_of(0), "CANCELLED");
}
void sees_notification_repeated() {
    Told told(Fault::notification_repeated, {{"times", 2}});
    ASSERT_TRUE(told.receiver.wait_for(3));
    EXPECT_EQ(told.receiver.received()[0].json()["id"], told.receiver.received()[2].json()["id"]);
}
void sees_notification_late() {
    Told told(Fault::notification_late, {{"by", "5h"}});
    EXPECT_TRUE(told.receiver.received().empty());
    told.mock.control_post("/_mock/time", R"({"advance":"5h"})");
    EXPECT_TRUE(told.receiver.wait_for(1));
}
void sees_notification_reordered() {
    Told told(Fault::notification_reordered, {{"within", "1h"}}, {{"match", {{"number", "A1"}}}});
    EXPECT_EQ(told.mock.create(body_for(told.mock, told.receiver, "A2")).status, 200);
    EXPECT_EQ(told.mock.cancel("A2").status, 200);
    ASSERT_TRUE(told.receiver.wait_for(2));
    const json first = told.mock.control_get("/_mock/journal?kind=notification").json()[0];
    EXPECT_EQ(first["number"], "A2");
}
void sees_notification_contradicting() {
    Told told(Fault::notification_contradicting, {{"state", "SUCCESS"}});
    ASSERT_TRUE(told.receiver.wait_for(2));
    EXPECT_EQ(told.state_of(0), "CANCELLED");
    EXPECT_EQ(told.state_of(1), "SUCCESS");
    EXPECT_TRUE(told.receiver.received()[1].is_signed_by(told.mock.keys()));
}
void sees_notification_forged() {
    Told told(Fault::notification_forged);
    ASSERT_TRUE(told.receiver.wait_for(2));
    EXPECT_EQ(told.state_of(0), "FAIL");
    EXPECT_FALSE(told.receiver.received()[0].is_signed_by(told.mock.keys()));
    EXPECT_TRUE(told.receiver.received()[1].is_signed_by(told.mock.keys()));
}
void sees_notification_wrong_key() {
    Told told(Fault::notification_wrong_key);
    ASSERT_TRUE(told.receiver.wait_for(2));
    EXPECT_TRUE(told.receiver.received()[0].is_signed_by(told.mock.keys()));
    EXPECT_EQ(told.state_of(0), "") << "not to be decrypted";
    EXPECT_EQ(told.state_of(1), "CANCELLED");
}

// --- the user, and the end of a bill

void sees_user_confirms() {
    const MockAndMerchant mock;
    add(mock, Fault::user_confirms, {{"after", "1h"}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).json()["state"], "WAIT_USER_CONFIRM");
    mock.control_post("/_mock/time", R"({"advance":"1h"})");
    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
}
void sees_user_never_confirms() {
    Options options = MockAndMerchant::quick_options();
    options.settings.auto_confirm_after = Duration(1000);
    const MockAndMerchant mock(options);
    add(mock, Fault::user_never_confirms);
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    mock.control_post("/_mock/time", R"({"advance":"23h"})");
    EXPECT_EQ(mock.query("A1").json()["state"], "WAIT_USER_CONFIRM");
    mock.control_post("/_mock/time", R"({"advance":"1h"})");
    EXPECT_EQ(mock.wait_for("A1", "FAIL").json()["fail_reason"], "OVERDUE_CLOSE");
}
void sees_user_confirms_at_last() {
    const MockAndMerchant mock;
    add(mock, Fault::user_confirms_at_last, {{"before", "1s"}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    mock.control_post("/_mock/time", R"({"advance":"23h"})");
    EXPECT_EQ(mock.query("A1").json()["state"], "WAIT_USER_CONFIRM");
    mock.control_post("/_mock/time", R"({"advance":"1h"})");
    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
}
void sees_user_confirms_while_cancelled() {
    const MockAndMerchant mock;
    add(mock, Fault::user_confirms_while_cancelled);
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.cancel("A1").status, 200);
    EXPECT_EQ(mock.wait_for("A1", "SUCCESS").status, 200);
}
void sees_bill_fails() {
    const MockAndMerchant mock;
    add(mock, Fault::bill_fails, {{"reason", "ACCOUNT_FROZEN"}, {"after", "0s"}});
    ASSERT_EQ(mock.create(mock.create_body("A1")).status, 200);
    EXPECT_EQ(mock.wait_for("A1", "FAIL").json()["fail_reason"], "ACCOUNT_FROZEN");
}

// --- the older API's batches, and WeChat's own numbers

json batch_body(const MockAndMerchant& mock) {
    return {
        {"appid", mock.keys().identity.appid},
        {"out_batch_no", "B1"},
        {"batch_name", "name"},
        {"batch_remark", "remark"},
        {"total_amount", 100},
        {"total_num", 1},
        {"transfer_detail_list",
         {{{"out_detail_no", "D1"}, {"transfer_amount", 100}, {"transfer_remark", "r"}, {"openid", "oA"}}}}};
}

TEST(FaultsSeen, BefallQueriesOfBatchesByBothNumbers) {
    const MockAndMerchant mock;
    const std::string id = mock.post("/v3/transfer/batches", batch_body(mock)).json()["batch_id"];
    const std::string query = "?need_query_detail=false";
    for (const std::string& target :
         {"/v3/transfer/batches/out-batch-no/B1" + query, "/v3/transfer/batches/batch-id/" + id + query}) {
        SCOPED_TRACE(target);
        ASSERT_EQ(mock.get(target).status, 200);
        for (const Fault fault : {Fault::query_misses, Fault::not_yet_visible}) {
            add(mock, fault, json::object(), {{"match", {{"number", "B1"}}}, {"count", 1}, {"name", "one"}});
            EXPECT_EQ(mock.get(target).code(), "NOT_FOUND") << faults::name(fault);
            ASSERT_EQ(mock.client().Delete("/_mock/faults/one")->status, 200);
        }
        add(mock, Fault::unknown_state, json::object(), {{"count", 1}, {"name", "one"}});
        EXPECT_EQ(mock.get(target).json()["transfer_batch"]["batch_status"], "A_STATE_OF_NEXT_YEAR");
        ASSERT_EQ(mock.client().Delete("/_mock/faults/one")->status, 200);
    }
}

TEST(FaultsSeen, BefallAQueryByWechatsNumberByTheMerchants) {
    const MockAndMerchant mock;
    const std::string number = mock.create(mock.create_body("A1")).json()["transfer_bill_no"];
    add(mock, Fault::query_misses, json::object(), {{"match", {{"number", "A1"}, {"openid", "o*"}}}});

    EXPECT_EQ(mock.get(std::string(bills_path) + "/transfer-bill-no/" + number).code(), "NOT_FOUND");
    EXPECT_EQ(mock.control_get("/_mock/journal?number=A1&endpoint=query").json().size(), 1U);
}

TEST(FaultsSeen, BefallTheNotificationOfABatchByItsNumber) {
    Receiver receiver({200});
    const MockAndMerchant mock;
    add(mock, Fault::notification_lost, json::object(), {{"match", {{"number", "B1"}}}});
    json body = batch_body(mock);
    body["notify_url"] = receiver.url();

    ASSERT_EQ(mock.post("/v3/transfer/batches", body).status, 200);

    ASSERT_TRUE(
        eventually([&] { return !mock.control_get("/_mock/journal?kind=notification").json().empty(); }));
    const json lost = mock.control_get("/_mock/journal?kind=notification").json()[0];
    EXPECT_EQ(lost["guise"], "lost");
    EXPECT_EQ(lost["delivered"], false);
}

struct Row {
    Fault fault;
    void (*see)();
};
constexpr Row rows[] = {
    {Fault::latency_fixed, sees_latency_fixed},
    {Fault::latency_uniform, sees_latency_uniform},
    {Fault::latency_lognormal, sees_latency_lognormal},
    {Fault::timeout_before, sees_timeout_before},
    {Fault::timeout_after, sees_timeout_after},
    {Fault::reset_before, sees_reset_before},
    {Fault::reset_during, sees_reset_during},
    {Fault::reset_after, sees_reset_after},
    {Fault::refused, sees_refused},
    {Fault::truncated_body, sees_truncated_body},
    {Fault::dribbled_body, sees_dribbled_body},
    {Fault::half_open, sees_half_open},
    {Fault::slow_headers, sees_slow_headers},
    {Fault::wrong_length, sees_wrong_length},
    {Fault::bad_json, sees_bad_json},
    {Fault::wrong_content_type, sees_wrong_content_type},
    {Fault::gateway_error, sees_gateway_error},
    {Fault::answer_lost, sees_answer_lost},
    {Fault::error_though_executed, sees_error_though_executed},
    {Fault::executed_later, sees_executed_later},
    {Fault::error, sees_plain_error},
    {Fault::rate_limited, sees_rate_limited},
    {Fault::not_enough, sees_not_enough},
    {Fault::unknown_code, sees_unknown_code},
    {Fault::unknown_state, sees_unknown_state},
    {Fault::not_yet_visible, sees_not_yet_visible},
    {Fault::query_misses, sees_query_misses},
    {Fault::unsigned_answer, sees_unsigned_answer},
    {Fault::wrong_signature, sees_wrong_signature},
    {Fault::probe_signature, sees_probe_signature},
    {Fault::stale_signature, sees_stale_signature},
    {Fault::unknown_serial, sees_unknown_serial},
    {Fault::clock_skew, sees_clock_skew},
    {Fault::notification_lost, sees_notification_lost},
    {Fault::notification_repeated, sees_notification_repeated},
    {Fault::notification_late, sees_notification_late},
    {Fault::notification_reordered, sees_notification_reordered},
    {Fault::notification_contradicting, sees_notification_contradicting},
    {Fault::notification_forged, sees_notification_forged},
    {Fault::notification_wrong_key, sees_notification_wrong_key},
    {Fault::user_confirms, sees_user_confirms},
    {Fault::user_never_confirms, sees_user_never_confirms},
    {Fault::user_confirms_at_last, sees_user_confirms_at_last},
    {Fault::user_confirms_while_cancelled, sees_user_confirms_while_cancelled},
    {Fault::bill_fails, sees_bill_fails},
};

TEST(FaultsSeen, EachDoesWhatTheCatalogueSays) {
    for (const Row& row : rows) {
        SCOPED_TRACE(faults::name(row.fault));
        row.see();
    }
}

TEST(FaultsSeen, LeaveOutNoneOfTheCatalogue) {
    std::set<Fault> seen{Fault::key_rotated};  // seen in fault_control_test.cpp
    for (const Row& row : rows) seen.insert(row.fault);
    EXPECT_EQ(seen.size(), faults::fault_count);
}

}  // namespace
}  // namespace tixian::mock

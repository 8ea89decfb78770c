// SPDX-License-Identifier: MIT
#include "tixian/wechat/verification.hpp"

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "test_keys.hpp"

namespace tixian::wechat {
namespace {

constexpr const char* serial = "PUB_KEY_ID_0114232134912410000000000000";
constexpr const char* body = R"({"state":"SUCCESS"})";
constexpr Timestamp signed_at = from_millis(1554208460'000);

SignatureHeaders sign(const test::TestKey& key, const std::string& timestamp = "1554208460") {
    const std::string signature =
        test::private_key(key).sign_sha256(answer_message(timestamp, "NONCE", body)).value();
    return {timestamp, "NONCE", serial, base64_encode(signature)};
}

class Verification : public ::testing::Test {
 protected:
    Verification() { keys_.add(serial, test::public_key()); }

    void expect_refused(const SignatureHeaders& headers, ErrorCode code, std::string_view field,
                        Timestamp now = signed_at, std::string_view received = body) const {
        const Result<Timestamp> result = verify(keys_, headers, received, now);
        ASSERT_FALSE(result);
        EXPECT_EQ(name(result.error().code), name(code));
        EXPECT_EQ(result.error().field, field);
    }

    KeyRing keys_;
};

TEST_F(Verification, AnswersTheTimeThatWeChatSigned) {
    EXPECT_EQ(verify(keys_, sign(test::test_key()), body, signed_at + Duration(1234)).value(), signed_at);
}

TEST_F(Verification, TakesACertificateAndThePublicKeyAtOnce) {
    keys_.add("5DEA10EF", test::public_key(test::other_test_key()));
    SignatureHeaders by_certificate = sign(test::other_test_key());
    by_certificate.serial = "5DEA10EF";

    EXPECT_TRUE(verify(keys_, by_certificate, body, signed_at));
    EXPECT_TRUE(verify(keys_, sign(test::test_key()), body, signed_at));
}

TEST_F(Verification, RefusesAMissingHeaderByItsName) {
    for (auto [member, name] : {std::pair{&SignatureHeaders::timestamp, "Wechatpay-Timestamp"},
                                std::pair{&SignatureHeaders::nonce, "Wechatpay-Nonce"},
                                std::pair{&SignatureHeaders::serial, "Wechatpay-Serial"},
                                std::pair{&SignatureHeaders::signature, "Wechatpay-Signature"}}) {
        SignatureHeaders headers = sign(test::test_key());
        (headers.*member).clear();
        expect_refused(headers, ErrorCode::malformed, name);
        EXPECT_NE(verify(keys_, headers, body, signed_at).error().message.find(name), std::string::npos);
    }
}

TEST_F(Verification, RefusesAClockThatDiffersBy300Seconds) {
    const SignatureHeaders headers = sign(test::test_key());

    EXPECT_TRUE(verify(keys_, headers, body, signed_at + Duration(299'999)));
    EXPECT_TRUE(verify(keys_, headers, body, signed_at - Duration(299'999)));
    expect_refused(headers, ErrorCode::stale, "Wechatpay-Timestamp", signed_at + Duration(300'000));
    expect_refused(headers, ErrorCode::stale, "Wechatpay-Timestamp", signed_at - Duration(300'000));
}

TEST_F(Verification, RefusesATimestampThatIsNotPlainDigitsEvenWhenSigned) {
    for (const char* timestamp :
         {"-1554208460", "+1554208460", " 1554208460", "1554208460 ", "1554208460.0", "0x5ca35b4c",
          "1554208460\n", "1e9", "99999999999999999999", "1554208460000"}) {
        SCOPED_TRACE(timestamp);
        expect_refused(sign(test::test_key(), timestamp), ErrorCode::stale, "Wechatpay-Timestamp");
    }
}

TEST_F(Verification, RefusesAnUnknownSerial) {
    SignatureHeaders headers = sign(test::test_key());
    headers.serial = "PUB_KEY_ID_0000000000000000000000000000";
    expect_refused(headers, ErrorCode::unknown_serial, "Wechatpay-Serial");
}

TEST_F(Verification, TellsSerialsThatDifferInCaseApart) {
    SignatureHeaders headers = sign(test::test_key());
    headers.serial = "pub_key_id_0114232134912410000000000000";
    expect_refused(headers, ErrorCode::unknown_serial, "Wechatpay-Serial");
}

TEST_F(Verification, RefusesAProbeBeforeItLooksForAKey) {
    SignatureHeaders headers = sign(test::test_key());
    headers.signature = "WECHATPAY/SIGNTEST/" + headers.signature;
    headers.serial = "unknown";
    expect_refused(headers, ErrorCode::bad_signature, "Wechatpay-Signature");
}

TEST_F(Verification, RefusesAProbeEvenWhenItIsBase64OfTheRightLength) {
    SignatureHeaders headers = sign(test::test_key());
    headers.signature.replace(0, 19, "WECHATPAY/SIGNTEST/");
    ASSERT_TRUE(base64_decode(headers.signature));
    expect_refused(headers, ErrorCode::bad_signature, "Wechatpay-Signature");
    EXPECT_NE(verify(keys_, headers, body, signed_at).error().message.find("probe"), std::string::npos);
}

TEST_F(Verification, RefusesASignatureThatIsNotBase64) {
    SignatureHeaders headers = sign(test::test_key());
    headers.signature[7] = '*';
    expect_refused(headers, ErrorCode::bad_signature, "Wechatpay-Signature");
}

TEST_F(Verification, RefusesASignatureByAnotherKey) {
    expect_refused(sign(test::other_test_key()), ErrorCode::bad_signature, "Wechatpay-Signature");
}

TEST_F(Verification, RefusesAChangedBody) {
    expect_refused(sign(test::test_key()), ErrorCode::bad_signature, "Wechatpay-Signature", signed_at,
                   R"({"state": "SUCCESS"})");
}

TEST_F(Verification, RefusesAChangedNonceOrTime) {
    SignatureHeaders nonce = sign(test::test_key());
    nonce.nonce = "NONCF";
    SignatureHeaders time = sign(test::test_key());
    time.timestamp = "1554208461";

    expect_refused(nonce, ErrorCode::bad_signature, "Wechatpay-Signature");
    expect_refused(time, ErrorCode::bad_signature, "Wechatpay-Signature");
}

TEST_F(Verification, RefusesASerialThatWasTakenOutOfTheRing) {
    EXPECT_TRUE(keys_.remove(serial));
    EXPECT_FALSE(keys_.remove(serial));
    expect_refused(sign(test::test_key()), ErrorCode::unknown_serial, "Wechatpay-Serial");
}

TEST(KeyRing, IsEmptyAtFirst) {
    const KeyRing keys;
    EXPECT_FALSE(keys.find("A"));
    EXPECT_FALSE(keys.newest(signed_at));
}

TEST(KeyRing, CallsTheKeyThatWasAddedLastTheNewest) {
    KeyRing keys;
    keys.add("A", test::public_key());
    keys.add("B", test::public_key());
    EXPECT_EQ(keys.newest(signed_at)->first, "B");

    keys.add("A", test::public_key());
    EXPECT_EQ(keys.newest(signed_at)->first, "A");

    keys.remove("A");
    EXPECT_EQ(keys.newest(signed_at)->first, "B");
}

Validity between(Timestamp from, Timestamp until) { return {from, until}; }

TEST(KeyRing, EncryptsWithTheCertificateThatBecameValidLastOfThoseThatAreValid) {
    using namespace std::chrono_literals;
    const Timestamp now = signed_at;
    KeyRing keys;
    keys.add("NEW", test::public_key(), between(now - 10h, now + 100h));
    keys.add("OLD", test::public_key(), between(now - 90h, now + 10h));
    keys.add("ENDED", test::public_key(), between(now - 2h, now - 1h));
    keys.add("COMING", test::public_key(), between(now + 1h, now + 200h));

    EXPECT_EQ(keys.newest(now)->first, "NEW");
    EXPECT_EQ(keys.newest(now + 1h)->first, "COMING");
    EXPECT_EQ(keys.newest(now - 20h)->first, "OLD");
    EXPECT_FALSE(keys.newest(now + 300h));
}

TEST(KeyRing, PrefersThePublicKeyToEveryCertificate) {
    using namespace std::chrono_literals;
    KeyRing keys;
    keys.add("PUB_KEY_ID_1", test::public_key());
    keys.add("CERT", test::public_key(), between(signed_at - 1h, signed_at + 1h));

    EXPECT_EQ(keys.newest(signed_at)->first, "PUB_KEY_ID_1");
}

TEST(KeyRing, TrustsACertificateOnlyWhileItIsValid) {
    using namespace std::chrono_literals;
    KeyRing keys;
    keys.add(serial, test::public_key(), between(signed_at - 1h, signed_at));

    EXPECT_TRUE(verify(keys, sign(test::test_key()), body, signed_at));
    EXPECT_EQ(verify(keys, sign(test::test_key()), body, signed_at + 1s).error().code,
              ErrorCode::unknown_serial);
}

TEST(KeyRing, SaysWhenTheNextCertificateEndsAndForgetsThoseThatHave) {
    using namespace std::chrono_literals;
    KeyRing keys;
    keys.add("PUB_KEY_ID_1", test::public_key());
    EXPECT_EQ(keys.next_end(signed_at), std::nullopt);
    keys.add("A", test::public_key(), between(signed_at - 1h, signed_at + 1h));
    keys.add("B", test::public_key(), between(signed_at - 1h, signed_at + 2h));

    EXPECT_EQ(keys.next_end(signed_at), signed_at + 1h);
    keys.remove_ended(signed_at + 1h + 1ms);

    EXPECT_FALSE(keys.find("A"));
    EXPECT_TRUE(keys.find("B"));
    EXPECT_TRUE(keys.find("PUB_KEY_ID_1"));
}

TEST(KeyRing, ReplacesAKeyWithTheSameSerial) {
    KeyRing keys;
    keys.add("A", test::public_key(test::other_test_key()));
    keys.add("A", test::public_key());
    const std::string signature = test::private_key().sign_sha256("message").value();

    EXPECT_TRUE(keys.find("A")->verify_sha256("message", signature));
}

TEST(KeyRing, IsReplacedWhileOthersVerify) {
    KeyRing keys;
    keys.add(serial, test::public_key());
    const SignatureHeaders headers = sign(test::test_key());
    std::atomic<bool> is_stopping = false;
    std::thread refreshing([&] {
        for (int i = 0; !is_stopping; ++i) {
            keys.add(i % 2 == 0 ? "other" : serial, test::public_key());
            keys.remove("other");
        }
    });

    std::atomic<int> verified = 0;
    std::vector<std::thread> threads;
    threads.reserve(2);
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            for (int turn = 0; turn < 200; ++turn) verified += verify(keys, headers, body, signed_at) ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) thread.join();
    is_stopping = true;
    refreshing.join();

    EXPECT_EQ(verified, 400);
}

}  // namespace
}  // namespace tixian::wechat

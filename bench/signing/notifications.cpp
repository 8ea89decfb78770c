// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "signing/bare_key.hpp"
#include "signing/rows.hpp"
#include "tixian/wechat/notification.hpp"

namespace tixian::bench {

namespace {

constexpr std::string_view apiv3_key = "0123456789abcdef0123456789ABCDEF";
constexpr std::string_view gcm_nonce = "wCq51qZv4Yfg";
constexpr std::string_view associated_data = "mch_payment";
constexpr Timestamp now = from_millis(1'735'689'600'000);
constexpr std::size_t notifications_of_a_round = 3000;  // about a tenth of a second

// wechat_spec 3.
constexpr std::string_view content =
    R"({"out_bill_no":"plfk2020042013","transfer_bill_no":"1330000071100999991182020050700019480001",)"
    R"("state":"SUCCESS","mch_id":"1900001109","transfer_amount":2000,)"
    R"("openid":"o-MYE42l80oelYMDE34nYD456Xoy","fail_reason":"",)"
    R"("create_time":"2025-01-01T08:00:00+08:00","update_time":"2025-01-01T08:00:00+08:00"})";

/// One notification as it comes, in its parts for the reference and whole for us.
struct Sample {
    BareKey key;
    std::string body, message, signature_base64, ciphertext_base64;
    wechat::Headers headers;
    wechat::KeyRing keys;
    wechat::Apiv3Key secret = wechat::Apiv3Key::parse(apiv3_key).value();

    Sample() {
        ciphertext_base64 = wechat::base64_encode(
            wechat::encrypt_aes_gcm(apiv3_key, gcm_nonce, associated_data, content).value());
        body = R"({"id":"EV-2018022511223320873","create_time":"2025-01-01T08:00:00+08:00",)"
               R"("resource_type":"encrypt-resource","event_type":"MCHTRANSFER.BILL.FINISHED",)"
               R"("summary":"商家转账单据终态通知","resource":{"original_type":"mch_payment",)"
               R"("algorithm":"AEAD_AES_256_GCM","ciphertext":")" +
               ciphertext_base64 + R"(","associated_data":"mch_payment","nonce":"wCq51qZv4Yfg"}})";
        const std::string serial = "PUB_KEY_ID_0114232134912410000000000000";
        const std::string timestamp = "1735689600", nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
        message = wechat::answer_message(timestamp, nonce, body);
        const auto private_key = wechat::PrivateKey::from_pem(key.private_pem()).value();
        signature_base64 = wechat::base64_encode(private_key.sign_sha256(message).value());
        keys.add(serial, wechat::PublicKey::from_pem(key.public_pem()).value());
        // With the company that they keep on the way.
        headers.add("Host", "pay.example.com");
        headers.add("User-Agent", "Mozilla/4.0");
        headers.add("Content-Type", "application/json");
        headers.add("Content-Length", std::to_string(body.size()));
        headers.add("Wechatpay-Nonce", nonce);
        headers.add("Wechatpay-Serial", serial);
        headers.add("Wechatpay-Signature", signature_base64);
        headers.add("Wechatpay-Timestamp", timestamp);
    }
};

void read_ours(const Sample& sample, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i)
        must(wechat::read_notification(sample.headers, sample.body, sample.keys, sample.secret, now)
                 .has_value());
}

/// Reads JSON and keeps nothing of it.
struct Nothing : nlohmann::json_sax<nlohmann::json> {
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }
};

void parse_bare(std::string_view text) {
    Nothing nothing;
    must(nlohmann::json::sax_parse(text.begin(), text.end(), &nothing));
}

std::string decode_bare(const std::string& base64) {
    std::string bytes(base64.size() / 4 * 3, '\0');
    must(EVP_DecodeBlock(octets(bytes), octets(base64), static_cast<int>(base64.size())) >= 0);
    const std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
    bytes.resize(bytes.size() - padding);
    return bytes;
}

std::string decrypt_bare(EVP_CIPHER_CTX* context, std::string sealed) {
    constexpr std::size_t tag_bytes = 16;
    const std::size_t size = sealed.size() - tag_bytes;
    std::string plaintext(size, '\0');
    int done = 0;
    must(EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nullptr, octets(apiv3_key), octets(gcm_nonce)) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &done, octets(associated_data), int{associated_data.size()}) ==
             1 &&
         EVP_DecryptUpdate(context, octets(plaintext), &done, octets(std::string_view(sealed)),
                           static_cast<int>(size)) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int{tag_bytes}, sealed.data() + size) == 1 &&
         EVP_DecryptFinal_ex(context, octets(plaintext), &done) == 1);
    return plaintext;
}

/// What cannot be left out: it checks no header and no time, finds no key and keeps nothing.
void read_bare(const Sample& sample, std::size_t times) {
    const BareContext prepared = bare_context();
    must(EVP_DigestVerifyInit(prepared.get(), nullptr, EVP_sha256(), nullptr, sample.key.get()) == 1);
    const BareContext context = bare_context();
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                                 EVP_CIPHER_CTX_free);
    for (std::size_t i = 0; i < times; ++i) {
        const std::string signature = decode_bare(sample.signature_base64);
        must(EVP_MD_CTX_copy_ex(context.get(), prepared.get()) == 1 &&
             EVP_DigestVerify(context.get(), octets(std::string_view(signature)), signature.size(),
                              octets(std::string_view(sample.message)), sample.message.size()) == 1);
        parse_bare(sample.body);
        parse_bare(decrypt_bare(cipher.get(), decode_bare(sample.ciphertext_base64)));
    }
}

}  // namespace

void measure_notifications(Bench& bench) {
    const std::string id = "P2";
    if (!bench.wants(id)) return;
    constexpr double target = 0.90;
    const Sample sample;
    const std::size_t times = bench.size(notifications_of_a_round);
    const auto rate = [times](const auto& read) {
        const CpuStopwatch watch;
        read(times);
        return static_cast<double>(times) / watch.seconds();
    };
    Samples ours, bare;
    for (int round = 0; round < 8 * bench.rounds(); ++round) {  // short ones: both meet the same machine
        ours.add(rate([&](std::size_t n) { read_ours(sample, n); }));
        bare.add(rate([&](std::size_t n) { read_bare(sample, n); }));
    }
    const std::string name = "verify, decrypt and parse notifications";
    bench.progress(id + " " + name, ours, bare);
    bench.add({id, name, ours.median(), bare.median(), "notifications/s", Reach::at_least, target});
}

}  // namespace tixian::bench

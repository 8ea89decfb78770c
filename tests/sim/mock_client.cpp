// SPDX-License-Identifier: MIT
#include "mock_client.hpp"

#include <array>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "../classified.hpp"

namespace tixian::mock {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
constexpr const char* bills = "/v3/fund-app/mch-transfer/transfer-bills";

Key read_key(const std::string& pem, bool is_private) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* key = is_private ? PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr)
                               : PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    if (key == nullptr) throw std::runtime_error("the test has no key");
    return {key, EVP_PKEY_free};
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(const std::string& raw) {
    std::string text((raw.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(bytes(text), bytes(raw), static_cast<int>(raw.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string from_base64(const std::string& text) {
    std::string raw(text.size(), '\0');
    const int size = EVP_DecodeBlock(bytes(raw), bytes(text), static_cast<int>(text.size()));
    if (size < 0) return {};
    std::size_t padding = 0;
    while (padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    raw.resize(static_cast<std::size_t>(size) - padding);
    return raw;
}

std::string oaep(const Key& key, const std::string& in, bool encrypts) {
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key.get(), nullptr);
    encrypts ? EVP_PKEY_encrypt_init(context) : EVP_PKEY_decrypt_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);  // SHA-1 is its default
    std::string out(512, '\0');
    std::size_t size = out.size();
    const int ok = encrypts ? EVP_PKEY_encrypt(context, bytes(out), &size, bytes(in), in.size())
                            : EVP_PKEY_decrypt(context, bytes(out), &size, bytes(in), in.size());
    EVP_PKEY_CTX_free(context);
    out.resize(ok == 1 ? size : 0);
    return out;
}

Reply reply_of(const httplib::Result& result) {
    if (!result) return {};
    return {result->status, result->body, result->headers};
}

/// The merchant's library knows every answer that the mock gives.
Reply classified(CallKind call, Reply reply) {
    if (reply.json().is_object()) wechat::expect_classified(call, reply.status, reply.code());
    return reply;
}

}  // namespace

std::string sign_as_merchant(const std::string& key_pem, const std::string& message) {
    const Key key = read_key(key_pem, true);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string signature(512, '\0');
    std::size_t size = signature.size();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key.get());
    EVP_DigestSign(context, bytes(signature), &size, bytes(message), message.size());
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return to_base64(signature);
}

bool is_wechat_signature(const std::string& public_key_pem, const std::string& message,
                         const std::string& signature) {
    const Key key = read_key(public_key_pem, false);
    const std::string raw = from_base64(signature);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key.get());
    const int ok = EVP_DigestVerify(context, bytes(raw), raw.size(), bytes(message), message.size());
    EVP_MD_CTX_free(context);
    return ok == 1;
}

std::string encrypt_name(const std::string& public_key_pem, const std::string& name) {
    return to_base64(oaep(read_key(public_key_pem, false), name, true));
}
std::string decrypt_name(const std::string& key_pem, const std::string& cipher) {
    return oaep(read_key(key_pem, true), from_base64(cipher), false);
}

std::string decrypt_resource(const std::string& key, const nlohmann::json& resource) {
    constexpr std::size_t tag_size = 16;
    const auto nonce = resource.at("nonce").get<std::string>();
    const auto associated = resource.at("associated_data").get<std::string>();
    std::string cipher = from_base64(resource.at("ciphertext").get<std::string>());
    if (cipher.size() < tag_size || nonce.size() != 12) return {};
    std::string tag = cipher.substr(cipher.size() - tag_size);
    cipher.resize(cipher.size() - tag_size);

    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    std::string plain(cipher.size() + 1, '\0');
    int size = 0;
    EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce));
    EVP_DecryptUpdate(context, nullptr, &size, bytes(associated), static_cast<int>(associated.size()));
    EVP_DecryptUpdate(context, bytes(plain), &size, bytes(cipher), static_cast<int>(cipher.size()));
    plain.resize(static_cast<std::size_t>(size));
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_size), tag.data());
    std::array<unsigned char, 16> rest{};
    const int ok = EVP_DecryptFinal_ex(context, rest.data(), &size);
    EVP_CIPHER_CTX_free(context);
    return ok == 1 ? plain : std::string();
}

TemporaryDirectory::TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tixian-mock-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = pattern;
}
TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string Reply::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

bool Reply::is_signed_by(const Keys& keys) const {
    const std::string message =
        header("Wechatpay-Timestamp") + "\n" + header("Wechatpay-Nonce") + "\n" + body + "\n";
    return header("Wechatpay-Serial") == keys.identity.wechatpay_public_key_id &&
           is_wechat_signature(keys.wechatpay_public_key_pem, message, header("Wechatpay-Signature"));
}

MockAndMerchant::MockAndMerchant(Options options) : server_(std::move(options)) {
    if (const auto started = server_.start(); !started) throw std::runtime_error(started.error().message);
}

Options MockAndMerchant::quick_options() {
    Options options;
    options.keys_directory = TIXIAN_TEST_MOCK_KEYS;
    options.terms.accept_after = options.terms.lock_after = Duration(0);
    options.terms.transfer_after = options.terms.cancel_after = Duration(0);
    return options;
}

nlohmann::json MockAndMerchant::create_body(const std::string& number) const {
    return {
        {"appid", keys().identity.appid},
        {"out_bill_no", number},
        {"transfer_scene_id", "1010"},
        {"openid", "oUser-1_2"},
        {"transfer_amount", 1234},
        {"transfer_remark", "旧手机回收款"},
        {"user_recv_perception", "二手回收货款"},
        {"transfer_scene_report_infos",
         nlohmann::json::array({nlohmann::json{{"info_type", "回收商品名称"}, {"info_content", "手机"}}})}};
}

Credentials MockAndMerchant::credentials() const {
    Credentials credentials;
    credentials.mchid = keys().identity.mchid;
    credentials.serial = keys().identity.merchant_serial;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    credentials.timestamp = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    return credentials;
}

Reply MockAndMerchant::create(const nlohmann::json& body, const httplib::Headers& headers) const {
    return classified(CallKind::submit, send("POST", bills, body.dump(), credentials(), headers));
}
Reply MockAndMerchant::query(const std::string& number) const {
    return classified(CallKind::query,
                      send("GET", std::string(bills) + "/out-bill-no/" + number, "", credentials()));
}
Reply MockAndMerchant::cancel(const std::string& number) const {
    return classified(
        CallKind::cancel,
        send("POST", std::string(bills) + "/out-bill-no/" + number + "/cancel", "", credentials()));
}

Reply MockAndMerchant::send(const std::string& method, const std::string& target, const std::string& body,
                            Credentials credentials, const httplib::Headers& headers) const {
    if (credentials.signature.empty()) {
        credentials.signature =
            sign_as_merchant(keys().merchant_key_pem, method + "\n" + target + "\n" + credentials.timestamp +
                                                          "\n" + credentials.nonce + "\n" + body + "\n");
    }
    httplib::Headers all = headers;
    all.emplace("Authorization", credentials.scheme + " mchid=\"" + credentials.mchid + "\",nonce_str=\"" +
                                     credentials.nonce + "\",signature=\"" + credentials.signature +
                                     "\",timestamp=\"" + credentials.timestamp + "\",serial_no=\"" +
                                     credentials.serial + "\"");
    httplib::Client http = client();
    return reply_of(method == "GET" ? http.Get(target, all)
                                    : http.Post(target, all, body, "application/json"));
}

Reply MockAndMerchant::send_as(const Party& party, const std::string& method, const std::string& target,
                               const std::string& body) const {
    Credentials his = credentials();
    his.mchid = party.mchid;
    his.serial = party.serial;
    his.signature = sign_as_merchant(
        party.key_pem, method + "\n" + target + "\n" + his.timestamp + "\n" + his.nonce + "\n" + body + "\n");
    return send(method, target, body, his);
}

Party MockAndMerchant::add_merchant(const std::string& mchid) const {
    const nlohmann::json made =
        control_post("/_mock/merchants", nlohmann::json{{"mchid", mchid}}.dump()).json();
    return {mchid, made.value("merchant_serial", ""), made.value("merchant_key", "")};
}

Reply MockAndMerchant::control_get(const std::string& target) const { return reply_of(client().Get(target)); }
Reply MockAndMerchant::control_post(const std::string& target, const std::string& body) const {
    return reply_of(client().Post(target, body, "application/json"));
}
Reply MockAndMerchant::wait_for(const std::string& number, const std::string& state) const {
    return control_get("/_mock/bills/" + number + "?until=" + state + "&timeout=5s");
}

httplib::Client MockAndMerchant::client() const {
    httplib::Client client("127.0.0.1", server_.port());
    client.set_tcp_nodelay(true);
    client.set_url_encode(false);  // it would change the target after it was signed
    client.set_read_timeout(10);
    return client;
}

}  // namespace tixian::mock

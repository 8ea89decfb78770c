// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "mock/server.hpp"

namespace tixian::mock {

/// RSA and AES as the merchant does them, written for the tests: nothing here is the mock's or the library's.
[[nodiscard]] std::string sign_as_merchant(const std::string& key_pem, const std::string& message);
[[nodiscard]] bool is_wechat_signature(const std::string& public_key_pem, const std::string& message,
                                       const std::string& signature);
[[nodiscard]] std::string encrypt_name(const std::string& public_key_pem, const std::string& name);
[[nodiscard]] std::string decrypt_name(const std::string& key_pem, const std::string& cipher);
/// Empty when it does not authenticate.
[[nodiscard]] std::string decrypt_resource(const std::string& key, const nlohmann::json& resource);

/// Waits until it is so, at most 5 s; answers whether it is.
inline bool eventually(const std::function<bool()>& is_so) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

/// A directory of its own that goes away.
class TemporaryDirectory {
 public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

/// What a signed request is made of; a test changes one thing to see it refused.
struct Credentials {
    std::string scheme = "WECHATPAY2-SHA256-RSA2048";
    std::string mchid;
    std::string serial;
    std::string nonce = "0123456789abcdef0123456789ABCDEF";
    std::string timestamp;
    std::string signature;  ///< empty: the right one
};

struct Reply {
    int status = 0;  ///< 0: none came
    std::string body;
    httplib::Headers headers;

    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
    [[nodiscard]] std::string header(const std::string& name) const;
    [[nodiscard]] std::string code() const { return json().value("code", ""); }
    [[nodiscard]] bool is_signed_by(const Keys& keys) const;
};

/// A merchant as a test acts for him.
struct Party {
    std::string mchid;
    std::string serial;
    std::string key_pem;
};

/// A mock in this process and a merchant who talks to it. All tests share one key directory below the build,
/// because two RSA keys take half a second.
class MockAndMerchant {
 public:
    explicit MockAndMerchant(Options options = quick_options());

    /// All steps at once; the user confirms when told to.
    [[nodiscard]] static Options quick_options();
    [[nodiscard]] nlohmann::json create_body(const std::string& number) const;
    [[nodiscard]] Credentials credentials() const;

    [[nodiscard]] Reply create(const nlohmann::json& body, const httplib::Headers& headers = {}) const;
    [[nodiscard]] Reply query(const std::string& number) const;
    [[nodiscard]] Reply cancel(const std::string& number) const;
    [[nodiscard]] Reply send(const std::string& method, const std::string& target, const std::string& body,
                             Credentials credentials, const httplib::Headers& headers = {}) const;

    /// The same, signed in order.
    [[nodiscard]] Reply get(const std::string& target, const httplib::Headers& headers = {}) const {
        return send("GET", target, "", credentials(), headers);
    }
    [[nodiscard]] Reply post(const std::string& target, const nlohmann::json& body,
                             const httplib::Headers& headers = {}) const {
        return send("POST", target, body.dump(), credentials(), headers);
    }
    [[nodiscard]] Reply send_as(const Party& party, const std::string& method, const std::string& target,
                                const std::string& body = "") const;
    /// Has the mock make a merchant with keys of his own.
    [[nodiscard]] Party add_merchant(const std::string& mchid) const;

    [[nodiscard]] Reply control_get(const std::string& target) const;
    Reply control_post(const std::string& target, const std::string& body = "") const;
    /// Waits until it is so, at most 5 s.
    [[nodiscard]] Reply wait_for(const std::string& number, const std::string& state) const;

    [[nodiscard]] Server& server() { return server_; }
    [[nodiscard]] int port() const { return server_.port(); }
    [[nodiscard]] int tls_port() const { return server_.tls_port(); }
    [[nodiscard]] int proxy_port() const { return server_.proxy_port(); }
    [[nodiscard]] const Keys& keys() const { return server_.keys(); }
    [[nodiscard]] httplib::Client client() const;

 private:
    Server server_;
};

}  // namespace tixian::mock

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "mock/keys.hpp"
#include "mock/settings.hpp"
#include "tixian/error.hpp"
#include "tixian/money.hpp"

#include "wechat_bank/terms.hpp"

namespace tixian::mock {

struct Options {
    std::string host = "127.0.0.1";
    int port = 0;  ///< 0: a free one
    std::filesystem::path keys_directory = "./mock-keys";
    std::string mchid;  ///< empty: as stored with the keys, or 1900000001 for new ones
    std::string appid;  ///< empty: as stored with the keys, or wxmock0000000001 for new ones
    bank::Terms terms = default_terms();
    Settings settings;  ///< at the start and after a reset; auto_confirm_after is taken over into the terms
    std::size_t threads = 64;

    [[nodiscard]] static bank::Terms default_terms() {
        bank::Terms terms;
        terms.merchant.balance = 100000000_fen;
        return terms;
    }
};

/// A mock WeChat Pay on a port. All its state is in memory. start() and stop() are for one thread; stop() may
/// be called at any time after start(), also while answers are held back, and takes effect at once.
class Server {
 public:
    explicit Server(Options options);
    ~Server();  ///< stops
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Loads or makes the keys, then listens. Refuses what keys.hpp refuses, and an address it cannot listen
    /// on.
    [[nodiscard]] Result<void> start();
    void stop();

    /// The port that it listens on; 0 before start().
    [[nodiscard]] int port() const;
    /// `http://127.0.0.1:<port>`
    [[nodiscard]] std::string url() const;
    /// The keys in use; empty before start().
    [[nodiscard]] const Keys& keys() const;

 private:
    struct Parts;
    Options options_;
    Keys keys_;
    int port_ = 0;
    std::unique_ptr<Parts> parts_;
};

}  // namespace tixian::mock

// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "simulator/subject.hpp"
#include "simulator/wechat.hpp"
#include "tixian/channel.hpp"
#include "tixian/random.hpp"
#include "tixian/wechat/http.hpp"

namespace tixian::sim {

/// A notification as bytes.
struct Letter {
    wechat::Headers headers;
    std::string body;
};

/// Both ends of the wire in full: ours is the library's own protocol (HTTP values, JSON, RSA, AES) or the
/// subject's, WeChat's is tixian-mock's code, which shares nothing with it.
class FullProtocol {
 public:
    FullProtocol(const Setup& setup, const Subject& subject, Random& random);
    ~FullProtocol();
    FullProtocol(const FullProtocol&) = delete;
    FullProtocol& operator=(const FullProtocol&) = delete;

    [[nodiscard]] const Channel& channel() const;

    // Our end.
    [[nodiscard]] Result<wechat::HttpRequest> request(const Call& call) const;
    [[nodiscard]] Answer answer(const Call& call, const wechat::HttpResult& result) const;
    [[nodiscard]] Result<Report> read(const Letter& letter, Timestamp now) const;

    // WeChat's end.
    /// What it is asked, or its refusal.
    [[nodiscard]] std::variant<bank::Order, wechat::HttpResponse> receive(CallKind kind,
                                                                          const wechat::HttpRequest& request,
                                                                          Timestamp now) const;
    [[nodiscard]] wechat::HttpResponse write(CallKind kind, const Said& said) const;
    [[nodiscard]] Letter notification(const Notice& notice, Timestamp now) const;
    /// WeChat signs with another key from now on, which we know already.
    void rotate_key();

    /// The signing time that a request states.
    [[nodiscard]] static Timestamp stated_time(const wechat::HttpRequest& request);
    /// The out_bill_no that a request is about, wherever it stands; empty where there is none.
    [[nodiscard]] static std::string stated_number(const wechat::HttpRequest& request);

 private:
    struct Ends;
    std::unique_ptr<Ends> ends_;
};

}  // namespace tixian::sim

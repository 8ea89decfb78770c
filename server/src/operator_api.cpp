// SPDX-License-Identifier: MIT
#include "operator_api.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "log.hpp"
#include "request.hpp"
#include "views.hpp"

namespace tixian::server {
namespace {

std::optional<Refusal> refuse_unless_seen(const Withdrawal& now, std::int64_t version) {
    if (now.version == version) return std::nullopt;
    return refuse_with(409, "conflict",
                       "the withdrawal has changed since; it is at version " + std::to_string(now.version),
                       "version")
        .value();
}

}  // namespace

void OperatorApi::install(httplib::Server& server) {
    server.Get("/api/v1/operator/withdrawals", serve(&OperatorApi::waiting));
    server.Get(R"(/api/v1/operator/withdrawals/([^/]+))", serve(&OperatorApi::show));
    server.Get("/api/v1/operator/notes", serve(&OperatorApi::notes));
    server.Get("/api/v1/operator/notes/counts", serve(&OperatorApi::note_counts));
    const std::pair<const char*, Decide> acts[] = {{"approve", &Service::approve},
                                                   {"reject", &Service::reject},
                                                   {"resume", &Service::resume},
                                                   {"settle", &Service::settle},
                                                   {"release", &Service::release}};
    for (const auto& [act, decided] : acts) {
        server.Post(std::string("/api/v1/operator/withdrawals/([^/]+)/") + act,
                    door_.serve_service([this, decision = decided](const httplib::Request& request) {
                        return decide(request, decision);
                    }));
    }
    server.Post(R"(/api/v1/operator/withdrawals/([^/]+)/cancel)", serve(&OperatorApi::cancel));
    server.Post("/api/v1/operator/corrections", serve(&OperatorApi::correct));
    server.Get(R"(/api/v1/operator/channels/([^/]+))", serve(&OperatorApi::channel));
    server.Post(R"(/api/v1/operator/channels/([^/]+))", serve(&OperatorApi::switch_channel));
}

httplib::Server::Handler OperatorApi::serve(Response (OperatorApi::*endpoint)(const httplib::Request&)) {
    return door_.serve_service(
        [this, endpoint](const httplib::Request& request) { return (this->*endpoint)(request); });
}

tl::expected<Withdrawal, Refusal> OperatorApi::find(const std::string& text) {
    const auto id = WithdrawalId::parse(text);
    if (id) {
        auto found = ledger_.find(*id);
        if (!found) return refuse_with(found.error());
        if (*found) return std::move(**found);
    }
    return refuse_with(404, "unknown_withdrawal", "no such withdrawal", "withdraw_id");
}

Response OperatorApi::waiting(const httplib::Request& request) {
    const auto wanted = read_page(request);
    if (!wanted) return tl::unexpected(wanted.error());
    auto rows = ledger_.waiting_for_person(wanted->limit + 1, wanted->after);
    if (!rows) return refuse_with(rows.error());
    const bool has_more = rows->size() > wanted->limit;
    if (has_more) rows->pop_back();

    std::vector<NotedWithdrawal> page;
    for (Withdrawal& row : *rows) {
        auto notes = ledger_.notes(row.id);
        if (!notes) return refuse_with(notes.error());
        page.push_back({std::move(row), std::move(*notes)});
    }
    return Reply{200, waiting_json(page, has_more)};
}

Response OperatorApi::show(const httplib::Request& request) {
    auto withdrawal = find(request.matches[1]);
    if (!withdrawal) return tl::unexpected(withdrawal.error());
    auto notes = ledger_.notes(withdrawal->id);
    if (!notes) return refuse_with(notes.error());
    const auto corrections = ledger_.corrections(withdrawal->id);
    if (!corrections) return refuse_with(corrections.error());
    return Reply{200, noted_json({std::move(*withdrawal), std::move(*notes)}, *corrections)};
}

Response OperatorApi::notes(const httplib::Request& request) {
    const auto wanted = read_page(request);
    if (!wanted) return tl::unexpected(wanted.error());
    const auto kind = parse_note_kind(request.get_param_value("kind"));
    if (!kind) return refuse_with(kind.error());
    const auto notes = ledger_.notes_of(*kind, wanted->limit);
    if (!notes) return refuse_with(notes.error());
    return Reply{200, notes_json(*notes)};
}

Response OperatorApi::note_counts(const httplib::Request&) {
    const auto counts = ledger_.note_counts();
    if (!counts) return refuse_with(counts.error());
    return Reply{200, note_counts_json(*counts)};
}

Response OperatorApi::decide(const httplib::Request& request, Decide act) {
    const auto body = read_object(request.body, {"operator", "reason", "version"});
    if (!body) return tl::unexpected(body.error());
    const auto person = read_person(*body);
    if (!person) return tl::unexpected(person.error());
    const auto version = read_version(*body);
    if (!version) return tl::unexpected(version.error());
    const auto found = find(request.matches[1]);
    if (!found) return tl::unexpected(found.error());

    const auto decided = (service_.*act)(found->id, *version, *person);
    if (!decided) return refuse_with(decided.error());
    wake_();
    return Reply{200, operator_json(*decided)};
}

Response OperatorApi::cancel(const httplib::Request& request) {
    const auto body = read_object(request.body, {"operator", "reason", "version"});
    if (!body) return tl::unexpected(body.error());
    const auto person = read_person(*body);
    if (!person) return tl::unexpected(person.error());
    const auto found = find(request.matches[1]);
    if (!found) return tl::unexpected(found.error());
    // To want the money back is safe at every version, so none has to be named. Who names one is told when
    // it is not the one he saw.
    if (body->find("version") != nullptr) {
        const auto version = read_version(*body);
        if (!version) return tl::unexpected(version.error());
        if (auto stale = refuse_unless_seen(*found, *version)) return tl::unexpected(std::move(*stale));
    }

    const auto cancelled = service_.cancel(found->id, *person);
    if (!cancelled) return refuse_with(cancelled.error());
    wake_();
    return Reply{is_final(cancelled->state) ? 200 : 202, operator_json(*cancelled)};
}

Response OperatorApi::correct(const httplib::Request& request) {
    const auto body =
        read_object(request.body, {"operator", "reason", "reference", "withdraw_id", "account", "amount"});
    if (!body) return tl::unexpected(body.error());
    const auto person = read_person(*body);
    if (!person) return tl::unexpected(person.error());
    const auto reference = Reference::parse(body->string("reference").value_or(""));
    if (!reference) return refuse_with(reference.error());
    const auto account = Account::parse(body->string("account").value_or(""));
    if (!account) return refuse_with(account.error());
    const auto amount = read_amount(*body);
    if (!amount) return tl::unexpected(amount.error());
    const auto about = find(body->string("withdraw_id").value_or(""));
    if (!about) return tl::unexpected(about.error());

    const auto replayed = service_.correct({*reference, about->id, *account, *amount, *person});
    if (!replayed) return refuse_with(replayed.error());
    if (!*replayed) log_act("corrected", {"withdraw_id", about->id.text()}, *person);
    return Reply{*replayed ? 200 : 201, replayed_json(*replayed)};
}

Response OperatorApi::channel(const httplib::Request& request) {
    const auto name = ChannelName::parse(request.matches[1].str());
    if (!name) return refuse_with(name.error());
    const auto switches = ledger_.switches();
    if (!switches) return refuse_with(switches.error());
    const auto last = std::find_if(switches->begin(), switches->end(),
                                   [&](const Switch& act) { return act.channel == *name; });
    // A channel that nobody ever switched is open.
    return Reply{200, switch_json(last == switches->end() ? Switch{*name, true, {}} : *last)};
}

Response OperatorApi::switch_channel(const httplib::Request& request) {
    const auto name = ChannelName::parse(request.matches[1].str());
    if (!name) return refuse_with(name.error());
    const auto body = read_object(request.body, {"operator", "reason", "open"});
    if (!body) return tl::unexpected(body.error());
    const auto person = read_person(*body);
    if (!person) return tl::unexpected(person.error());
    const auto open = read_flag(*body, "open");
    if (!open) return tl::unexpected(open.error());

    const auto switched = service_.switch_channel(*name, *open, *person);
    if (!switched) return refuse_with(switched.error());
    log_act(*open ? "channel_opened" : "channel_closed", {"channel", name->text()}, *person);
    if (*open) wake_();
    return Reply{200, switch_json({*name, *open, *person})};
}

}  // namespace tixian::server

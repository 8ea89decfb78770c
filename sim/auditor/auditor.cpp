// SPDX-License-Identifier: MIT
#include "auditor/auditor.hpp"

#include <algorithm>

#include "auditor/calendar.hpp"

namespace tixian::audit {
namespace {

std::string yuan(std::int64_t fen) {
    const std::string sign = fen < 0 ? "-" : "";
    const std::int64_t magnitude = fen < 0 ? -fen : fen;
    const std::string cents = std::to_string(magnitude % 100);
    return sign + std::to_string(magnitude / 100) + (cents.size() < 2 ? ".0" : ".") + cents;
}

/// What says nothing about the request itself: asking again may answer it.
bool is_outage(std::string_view code) {
    return code == "commit_in_doubt" || code == "ledger_unavailable" || code == "conflict";
}

}  // namespace

Auditor::Auditor(Ground ground) : ground_(std::move(ground)), rows_(ground_.keys), wallets_(ground_.users) {}

void Auditor::report(int rule, std::string what, std::optional<std::uint32_t> withdrawal) {
    if (!violation_) violation_ = Violation{rule, std::move(what), withdrawal};
}

// The user's side.

void Auditor::accepted(const Asked& asked, std::string_view number, bool replayed, Timestamp now) {
    Row& first = row(asked.key);
    if (!first.exists) return report(2, "a request was accepted that the ledger does not have", asked.key);
    if (number != first.number)
        return report(8, "the same key was answered with another withdrawal", asked.key);
    if (first.user != asked.user) report(11, "another user's withdrawal was answered", asked.key);
    if (first.answered_at && *first.answered_at < asked.asked_at && !replayed)
        report(8, "a repeated request was not marked as one", asked.key);
    if (first.fen != asked.fen && (replayed || first.answered_at))
        report(8, "the same key was accepted with another amount", asked.key);
    else if (first.fen != asked.fen)
        report(10, "asked for " + yuan(asked.fen) + " yuan, and " + yuan(first.fen) + " were taken",
               asked.key);
    if (!first.answered_at) first.answered_at = now;
}

void Auditor::refused(const Asked& asked, std::string_view code, std::string_view field) {
    if (is_outage(code)) return;
    const Row& first = row(asked.key);
    if (first.exists) {
        const bool is_other = first.fen != asked.fen;
        if (!is_other) return report(8, "a repeated request was refused: " + std::string(code), asked.key);
        if (code != "idempotency_mismatch" || field != "amount")
            report(8, "another amount under the same key was refused as " + std::string(code), asked.key);
        return;
    }
    // Midnight may have passed while it was decided.
    if (!stands_in_the_way(asked, asked.begun_at, code, field) &&
        !stands_in_the_way(asked, asked.ended_at, code, field))
        report(9, "a request was refused without reason: " + std::string(code) + " " + std::string(field),
               asked.key);
}

void Auditor::person_decided(std::uint32_t withdrawal, std::int64_t seen_version, bool was_accepted) {
    if (was_accepted && seen_version + 1 != row(withdrawal).persons_version)
        report(4, "a person's decision was taken though the withdrawal had changed since he looked",
               withdrawal);
}

// The books.

void Auditor::deposited(const std::vector<Posting>& postings) {
    post(postings);
    for (const Posting& posting : postings)
        if (posting.account == AccountKind::available) wallet_of(posting.user).deposited += posting.fen;
}

void Auditor::post(const std::vector<Posting>& postings) {
    std::int64_t sum = 0;
    for (const Posting& posting : postings) {
        sum += posting.fen;
        switch (posting.account) {
            case AccountKind::available: {
                auto& balance = wallet_of(posting.user).available;
                balance += posting.fen;
                if (balance < 0) report(11, "a wallet fell below zero: " + yuan(balance) + " yuan");
                break;
            }
            case AccountKind::held: {
                auto& balance = wallet_of(posting.user).held;
                balance += posting.fen;
                if (balance < 0) report(11, "held money fell below zero: " + yuan(balance) + " yuan");
                break;
            }
            case AccountKind::clearing:
                clearing_ += posting.fen;
                break;
            case AccountKind::fees:
                fees_ += posting.fen;
                break;
            case AccountKind::funding:
                funding_ += posting.fen;
                break;
            case AccountKind::suspense:
                suspense_ += posting.fen;
                break;
        }
    }
    if (sum != 0) report(11, "an entry does not balance: its postings sum to " + yuan(sum) + " yuan");
}

void Auditor::stored(const Stored& stored) {
    Row& r = row(stored.withdrawal);
    const bool is_new = !r.exists;
    if (is_new) {
        check_create(r, stored);
    } else if (stored.version != r.version + 1) {
        report(11,
               "version " + std::to_string(stored.version) + " was stored on version " +
                   std::to_string(r.version) + ": one change overwrote another",
               stored.withdrawal);
    }
    if (stored.number != r.number) report(1, "a withdrawal changed its number", stored.withdrawal);
    post(stored.postings);
    check_owner(r, stored);
    if (!is_new) check_moves(r, stored);
    if (stored.intent) check_intent(r, stored);
    r.version = stored.version;
    if (stored.is_by_person) r.persons_version = stored.version;
    r.was_resumed |= stored.is_by_person && r.waits_for_person && r.submits > 0;
    r.status = stored.status;
    r.is_wanted_back = stored.is_wanted_back;
    r.waits_for_person = stored.waits_for_person;
    r.shown = stored.shown;
}

void Auditor::check_owner(const Row& r, const Stored& stored) {
    for (const Posting& posting : stored.postings) {
        const bool is_wallet =
            posting.account == AccountKind::available || posting.account == AccountKind::held;
        if (is_wallet && posting.user != r.user)
            report(11, "the money of another user moved", stored.withdrawal);
    }
}

void Auditor::check_intent(Row& r, const Stored& stored) {
    r.open_intents[stored.call] = {*stored.intent, stored.signed_at};
    if (*stored.intent != CallKind::submit) return;
    if (r.is_wanted_back) report(4, "a submit was begun after it was wanted back", stored.withdrawal);
    if (is_final(r.status)) report(6, "a submit was begun after the end", stored.withdrawal);
    if (r.submits == 0) r.first_submit_at = stored.signed_at;
    const bool is_late = ground_.horizon != Duration::max() &&
                         stored.signed_at - r.first_submit_at > ground_.horizon + ground_.clock_error_max;
    if (is_late && !r.was_resumed)
        report(5, "a submit was begun when WeChat no longer knows the first one", stored.withdrawal);
    ++r.submits;
    r.last_submit_at = stored.signed_at;
}

void Auditor::check_create(Row& r, const Stored& stored) {
    r.exists = true;
    r.number = stored.number;
    r.fen = stored.fen;
    r.created_at = stored.created_at;
    const LocalDate date = local_date(stored.created_at);
    r.day = date.day;
    r.month = date.month;
    r.user = stored.user;
    r.payee = stored.payee;
    r.free = stored.free;
    r.fee = stored.fee;
    if (stored.version != 1) report(6, "a withdrawal began at another version than 1", stored.withdrawal);

    const Terms& terms =
        ground_.terms[r.terms = stored.withdrawal % static_cast<std::uint32_t>(ground_.terms.size())];
    const auto used = counter(free_by_month_, r.user, r.month);
    const std::int64_t free = std::clamp<std::int64_t>(terms.free_per_month - used.fen, 0, r.fen);
    if (stored.free > free)
        report(9, "more of the month's free quota was taken than was left", stored.withdrawal);
    if (stored.fee != fee_of(terms, r.fen, stored.free))
        report(
            10,
            "the fee is " + yuan(stored.fee) + " yuan instead of " + yuan(fee_of(terms, r.fen, stored.free)),
            stored.withdrawal);
    const std::int64_t total = r.fen + r.fee;
    std::int64_t held = 0;
    for (const Posting& posting : stored.postings)
        if (posting.account == AccountKind::held) held += posting.fen;
    if (held != total)
        report(11, "held " + yuan(held) + " yuan for a withdrawal of " + yuan(total), stored.withdrawal);
    const bool wants_review = terms.review_from && r.fen >= *terms.review_from;
    if (wants_review != stored.waits_for_person)
        report(4, "a withdrawal that a person has to approve was not held back", stored.withdrawal);
    count(r, +1);
    check_limits(r, terms);
}

void Auditor::check_moves(Row& r, const Stored& stored) {
    if (is_final(r.status) && stored.status != r.status)
        report(6, "a final state changed", stored.withdrawal);
    if (stored.status < r.status) report(6, "a withdrawal went back to an earlier state", stored.withdrawal);
    if (r.is_wanted_back && !stored.is_wanted_back && !is_final(stored.status))
        report(7, "a cancellation was forgotten", stored.withdrawal);
    if (rank(stored.shown) < rank(r.shown))
        report(6, "what WeChat had said was taken back", stored.withdrawal);
    check_held_money(r, stored);
}

void Auditor::check_held_money(Row& r, const Stored& stored) {
    std::int64_t held = 0;
    for (const Posting& posting : stored.postings)
        if (posting.account == AccountKind::held) held += posting.fen;
    const bool ends = is_final(stored.status) && !is_final(r.status);
    if (held == 0 && !ends) return;
    if (++r.money_moves > 1) return report(6, "the held money moved twice", stored.withdrawal);
    if (!ends) return report(11, "held money moved though the withdrawal goes on", stored.withdrawal);
    if (held != -(r.fen + r.fee))
        return report(11, "the end moved " + yuan(-held) + " of " + yuan(r.fen + r.fee) + " held yuan",
                      stored.withdrawal);
    if (stored.status == Status::success)
        check_settled(r, stored);
    else
        check_released(r, stored);
}

void Auditor::check_settled(const Row& r, const Stored& stored) {
    const BankBill bill = ground_.bank(r.number);
    if (bill.state != Bill::paid) report(3, "booked as paid, and WeChat has not paid", stored.withdrawal);
    std::int64_t out = 0, earned = 0;
    for (const Posting& posting : stored.postings) {
        if (posting.account == AccountKind::available)
            report(4, "paid, and money went back as well", stored.withdrawal);
        if (posting.account == AccountKind::clearing) out += posting.fen;
        if (posting.account == AccountKind::fees) earned += posting.fen;
    }
    if (out != r.fen || earned != r.fee)
        report(11,
               "settled as " + yuan(out) + " paid out and " + yuan(earned) + " of fee instead of " +
                   yuan(r.fen) + " and " + yuan(r.fee),
               stored.withdrawal);
}

void Auditor::check_released(Row& r, const Stored& stored) {
    const BankBill bill = ground_.bank(r.number);
    r.is_released = true;
    count(r, -1);
    std::int64_t back = 0;
    for (const Posting& posting : stored.postings)
        if (posting.account == AccountKind::available) back += posting.fen;
    if (back != r.fen + r.fee)
        report(11, "gave back " + yuan(back) + " of " + yuan(r.fen + r.fee) + " yuan", stored.withdrawal);
    if (bill.state == Bill::paid)
        report(4, "the money went back to the wallet, and WeChat had paid it: paid twice", stored.withdrawal);
    else if (bill.state != Bill::none && !is_final(bill.state))
        report(4, "the money went back while the bill was live at WeChat", stored.withdrawal);
    else if (bill.state == Bill::none && r.pending > 0)
        report(4, "the money went back while a submit was still on its way", stored.withdrawal);
    if (r.was_told && !r.was_told_unpaid && !stored.is_by_person)
        report(4, "the money went back for the absence of a bill that WeChat had reported",
               stored.withdrawal);
    // A sole attempt that was refused for its content may be given back at once.
    const bool is_early = r.absence_asked_at && *r.absence_asked_at + ground_.clock_error_max <
                                                    r.last_submit_at + ground_.settling_min;
    if (is_early && r.submits > 1)
        report(4,
               "the money went back on the word of a query that was asked before the last submit had settled",
               stored.withdrawal);
}

void Auditor::check_wallet(std::uint32_t user, std::int64_t available, std::int64_t held) {
    const Wallet& wallet = wallet_of(user);
    if (wallet.available != available || wallet.held != held)
        report(11, "the ledger has " + yuan(available) + " and " + yuan(held) + " held, the postings say " +
                       yuan(wallet.available) + " and " + yuan(wallet.held));
}

void Auditor::check_books(const std::vector<Account>& accounts) {
    std::int64_t sum = 0;
    for (const Account& account : accounts) {
        sum += account.fen;
        const Wallet empty;
        const Wallet& wallet = account.user < wallets_.size() ? wallets_[account.user] : empty;
        const std::array<std::int64_t, 6> expected{wallet.available, wallet.held, clearing_, fees_,
                                                   funding_,         suspense_};
        if (account.fen != expected[static_cast<std::size_t>(account.kind)])
            report(11, "an account holds " + yuan(account.fen) + " yuan instead of " +
                           yuan(expected[static_cast<std::size_t>(account.kind)]));
    }
    if (sum != 0) report(11, "the books do not balance: " + yuan(sum) + " yuan");
    for (const Wallet& wallet : wallets_)
        if (wallet.deposited < wallet.deposit_answered || wallet.deposit_asked < wallet.deposited)
            report(15, "a user's deposits were booked twice, or not at all");
    std::vector<std::int64_t> held(wallets_.size());
    for (const Row& r : rows_)
        if (r.exists && !is_final(r.status)) held[r.user] += r.fen + r.fee;
    for (std::size_t user = 0; user < held.size(); ++user)
        if (held[user] != wallets_[user].held) report(11, "held money is not the sum of what is not final");
}

// Towards WeChat, and from it.

void Auditor::sent(const Sent& sent, Timestamp now) {
    Row& r = row(sent.withdrawal);
    if (sent.number != r.number) report(1, "sent under another number", sent.withdrawal);
    const auto intent = r.open_intents.find(sent.call);
    if (intent == r.open_intents.end() || intent->second.first != sent.kind) {
        report(2, "a call was sent whose intent was not stored, or a second time", sent.withdrawal);
    } else {
        if (sent.kind == CallKind::submit &&
            std::chrono::floor<std::chrono::seconds>(intent->second.second) !=
                std::chrono::floor<std::chrono::seconds>(sent.signed_at))
            report(2, "a submit carries another signing time than the stored one", sent.withdrawal);
        r.open_intents.erase(intent);
    }
    if (sent.since_claim >= ground_.send_window)
        report(2, "a call left after its last moment", sent.withdrawal);
    if (r.place.empty()) r.place = sent.place;
    if (r.place != sent.place) report(1, "a number was sent to another merchant", sent.withdrawal);
    if (sent.kind == CallKind::submit) {
        if (r.content.empty()) r.content = sent.content;
        if (r.content != sent.content) report(2, "a submit was repeated with other content", sent.withdrawal);
    }
    const int most = ground_.calls_per_second[static_cast<std::size_t>(sent.kind)];
    if (most == 0) return;
    auto& last = last_sends_[static_cast<std::size_t>(sent.kind)];
    while (!last.empty() && last.front() + std::chrono::seconds(1) <= now) last.pop_front();
    last.push_back(now);
    if (static_cast<int>(last.size()) > most)
        report(7, std::to_string(last.size()) + " calls of a kind within a second", sent.withdrawal);
}

void Auditor::bill_ended(std::uint32_t withdrawal, Bill state) {
    Row& r = row(withdrawal);
    if (state != Bill::paid) return;
    if (r.is_released) report(4, "WeChat paid what had gone back to the wallet: paid twice", withdrawal);
    check_paid(r, withdrawal);
}

void Auditor::check_paid(const Row& r, std::uint32_t withdrawal) {
    const BankBill bill = ground_.bank(r.number);
    if (bill.fen != r.fen) report(1, "WeChat paid another amount: " + yuan(bill.fen), withdrawal);
    if (bill.payee != r.payee) report(1, "WeChat paid somebody else: " + bill.payee, withdrawal);
}

void Auditor::acknowledged(std::uint32_t withdrawal) {
    const Row& r = row(withdrawal);
    if (!is_final(r.status) && !r.waits_for_person)
        report(13, "WeChat was told that a notification is stored, and it is not", withdrawal);
}

void Auditor::believed_unverified(std::uint32_t withdrawal, std::string_view what) {
    report(13, std::string(what) + " that WeChat did not sign was taken for its word", withdrawal);
}

void Auditor::check_end() {
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
        const Row& r = rows_[i];
        if (!r.exists) continue;
        if (!is_final(r.status) && !r.waits_for_person)
            report(12, "stuck: not final though all faults have stopped long ago", i);
        const BankBill bill = ground_.bank(r.number);
        if (r.status == Status::success && bill.state != Bill::paid)
            report(3, "booked as paid, and not on WeChat's statement", i);
        if (bill.state == Bill::paid) check_paid(r, i);
        if (bill.state == Bill::paid && is_final(r.status) && r.status != Status::success)
            report(4, "on WeChat's statement as paid, and the money went back: paid twice", i);
    }
}

// Limits and fees, counted anew.

std::int64_t Auditor::fee_of(const Terms& terms, std::int64_t fen, std::int64_t free) const {
    if (free >= fen) return 0;
    // Amounts of the simulator stay under 10^9 fen, so this cannot overflow.
    const std::int64_t share = ((fen - free) * terms.fee_per_million + 500'000) / 1'000'000;
    const std::int64_t fee = std::max(terms.fee_flat + share, terms.fee_minimum);
    return terms.fee_maximum ? std::min(fee, *terms.fee_maximum) : fee;
}

void Auditor::count(const Row& r, int sign) {
    const auto add = [sign](Counter& counter, std::int64_t fen) {
        counter.fen += sign * fen;
        counter.count += sign;
    };
    add(by_day_[{r.user, r.day}], r.fen);
    add(by_month_[{r.user, r.month}], r.fen);
    add(merchant_by_day_[{0, r.day}], r.fen);
    if (r.free > 0) add(free_by_month_[{r.user, r.month}], r.free);
}

Auditor::Counter Auditor::counter(const std::map<std::pair<std::int64_t, std::int64_t>, Counter>& counters,
                                  std::int64_t a, std::int64_t b) const {
    const auto found = counters.find({a, b});
    return found == counters.end() ? Counter{} : found->second;
}

void Auditor::check_limits(const Row& r, const Terms& terms) {
    const auto key = static_cast<std::uint32_t>(&r - rows_.data());
    const auto over = [](const std::optional<std::int64_t>& most, std::int64_t used) {
        return most && used > *most;
    };
    const Counter day = counter(by_day_, r.user, r.day);
    if (r.fen < terms.minimum || r.fen > terms.single_max)
        report(9, "an amount outside the bounds of one withdrawal was taken", key);
    if (over(terms.day_amount_max, day.fen)) report(9, "over the day's amount", key);
    if (over(terms.day_count_max, day.count)) report(9, "over the day's number of withdrawals", key);
    if (over(terms.month_amount_max, counter(by_month_, r.user, r.month).fen))
        report(9, "over the month's amount", key);
    if (over(terms.merchant_day_max, counter(merchant_by_day_, 0, r.day).fen))
        report(9, "over the merchant's day", key);
    if (counter(free_by_month_, r.user, r.month).fen > terms.free_per_month && r.free > 0)
        report(9, "over the month's free quota", key);
    if (terms.minimum_interval == Duration{0}) return;
    for (const Row& other : rows_) {
        const bool counts = &other != &r && other.exists && !other.is_released && other.user == r.user;
        if (counts && other.created_at <= r.created_at &&
            r.created_at < other.created_at + terms.minimum_interval)
            report(9, "sooner than the minimum interval allows", key);
    }
}

bool Auditor::stands_in_the_way(const Asked& asked, Timestamp now, std::string_view code,
                                std::string_view field) const {
    const Terms& terms = ground_.terms[asked.terms];
    if (code == "amount_below_minimum") return asked.fen < terms.minimum;
    if (code == "amount_above_maximum") return asked.fen > terms.single_max;
    if (code == "limit_reached") return is_limit_in_the_way(asked, now, field);
    if (code != "insufficient_funds") return false;
    const auto used = counter(free_by_month_, asked.user, local_date(now).month);
    const std::int64_t free = std::clamp<std::int64_t>(terms.free_per_month - used.fen, 0, asked.fen);
    return wallets_[asked.user].available < asked.fen + fee_of(terms, asked.fen, free);
}

bool Auditor::is_limit_in_the_way(const Asked& asked, Timestamp now, std::string_view limit) const {
    const Terms& terms = ground_.terms[asked.terms];
    const LocalDate date = local_date(now);
    const auto over = [&](const std::optional<std::int64_t>& most, std::int64_t used) {
        return most && used > *most;
    };
    const Counter day = counter(by_day_, asked.user, date.day);
    if (limit == "day_amount") return over(terms.day_amount_max, day.fen + asked.fen);
    if (limit == "day_count") return over(terms.day_count_max, day.count + 1);
    if (limit == "month_amount")
        return over(terms.month_amount_max, counter(by_month_, asked.user, date.month).fen + asked.fen);
    if (limit == "merchant_day")
        return over(terms.merchant_day_max, counter(merchant_by_day_, 0, date.day).fen + asked.fen);
    if (limit != "minimum_interval") return false;
    return std::any_of(rows_.begin(), rows_.end(), [&](const Row& other) {
        return other.exists && !other.is_released && other.user == asked.user &&
               now < other.created_at + terms.minimum_interval;
    });
}

}  // namespace tixian::audit

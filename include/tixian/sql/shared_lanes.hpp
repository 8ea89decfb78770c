// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tixian/lanes.hpp"
#include "tixian/sql/pooled_ledger.hpp"

namespace tixian::sql {

/// Lanes for all servers on one database, kept in it and by its clock, so that the servers' own clocks need
/// not agree. Short transactions apart from those of money; on PostgreSQL they do not wait for the disk.
/// Thread-safe.
class SharedLanes : public Lanes {
 public:
    /// Borrows the ledger, for its connections.
    explicit SharedLanes(PooledLedger& ledger) : ledger_(ledger) {}

    [[nodiscard]] Result<bool> enter(const Lane& lane, std::chrono::microseconds lease) override {
        return change<bool>(lane, [&](LaneState& state, std::chrono::microseconds now) {
            return tixian::enter(state, now, lease);
        });
    }

    [[nodiscard]] Result<std::chrono::microseconds> leave(const Lane& lane, std::size_t places,
                                                          std::chrono::microseconds apart) override {
        return change<std::chrono::microseconds>(lane, [&](LaneState& state, std::chrono::microseconds now) {
            state.entered_until = {};
            return take_places(state, now, places, apart);
        });
    }

    [[nodiscard]] Result<std::chrono::microseconds> take_place(const Lane& lane,
                                                               std::chrono::microseconds apart) override {
        return change<std::chrono::microseconds>(lane, [&](LaneState& state, std::chrono::microseconds now) {
            return take_places(state, now, 1, apart);
        });
    }

 private:
    /// Changes the lane as `work` says, with its row locked; a deadlock or a lost connection once more.
    template <class Answer, class Work>
    [[nodiscard]] Result<Answer> change(const Lane& lane, const Work& work) {
        auto answer = change_once<Answer>(lane, work);
        return answer ? answer : change_once<Answer>(lane, work);
    }

    template <class Answer, class Work>
    [[nodiscard]] Result<Answer> change_once(const Lane& lane, const Work& work) {
        auto connection = ledger_.pool().take();
        if (!connection) return tl::unexpected(connection.error());
        auto answer = change_in<Answer>(**connection, lane, work);
        if (!answer) static_cast<void>((*connection)->execute("ROLLBACK", {}));
        return answer;
    }

    template <class Answer, class Work>
    [[nodiscard]] Result<Answer> change_in(Session& session, const Lane& lane, const Work& work) {
        const Statements& statements = ledger_.statements();
        const Row key{lane.channel.text(), std::string(name(lane.call))};
        const std::vector<Lookup> lookups{{&statements.lane, {key}}, {&statements.now, {Row{}}}};
        auto found = session.load(statements.begin_lane, lookups);
        if (found && found->at(0).empty()) {
            if (auto made = session.execute(statements.make_lane, key); !made)
                return tl::unexpected(made.error());
            found = session.load({}, lookups);
        }
        if (!found) return tl::unexpected(found.error());
        if (found->at(0).empty() || found->at(1).empty())
            return refuse(ErrorCode::ledger_damaged, "a lane cannot be read");

        const Row& row = found->at(0).front();
        LaneState state{micros(row, 0), micros(row, 1)};
        Answer answer = work(state, micros(found->at(1).front(), 0));
        std::vector<Write> writes;
        writes.push_back({&statements.upsert_lane,
                          {{key[0], key[1], state.entered_until.count(), state.next_place.count()}}});
        static const std::vector<std::string> commit{"COMMIT"};
        if (auto stored = session.store(writes, commit); !stored) return tl::unexpected(stored.error());
        return answer;
    }

    [[nodiscard]] static std::chrono::microseconds micros(const Row& row, std::size_t column) {
        const auto* count = column < row.size() ? std::get_if<std::int64_t>(&row[column]) : nullptr;
        return std::chrono::microseconds(count != nullptr ? *count : 0);
    }

    PooledLedger& ledger_;
};

}  // namespace tixian::sql

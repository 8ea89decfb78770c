// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libpq-fe.h>

#include "tixian/postgres/parameters.hpp"
#include "tixian/sql/session.hpp"

namespace tixian::postgres {

/// Whether statements are prepared once for a connection. Not behind a pooler that hands one connection to
/// many between transactions.
enum class Prepares { yes, no };

/// A session over somebody's connection, ours or the host's pool's, with an open transaction. What a batch
/// needs goes in one pipeline: one round trip. Used by one thread at a time; a session that prepares lives as
/// long as the connection.
class Session : public sql::Session {
 public:
    explicit Session(PGconn& connection, Prepares prepares = Prepares::no)
        : connection_(connection), prepares_(prepares) {}

    [[nodiscard]] Result<sql::Rows> execute(std::string_view statement,
                                            std::span<const sql::Value> arguments) override {
        Pipeline pipeline(*this);
        pipeline.send(statement, Parameters::of_values(arguments));
        auto answers = pipeline.finish();
        if (!answers) return tl::unexpected(answers.error());
        return std::move(answers->front());
    }

    [[nodiscard]] Result<std::vector<std::vector<sql::Row>>> load(
        std::span<const std::string> before, std::span<const sql::Lookup> lookups) override {
        Pipeline pipeline(*this);
        for (const std::string& statement : before) pipeline.send(statement, {});
        std::vector<std::size_t> asked;  // the lookup that each answer belongs to
        for (std::size_t i = 0; i < lookups.size(); ++i) {
            const sql::LookupText& text = *lookups[i].text;
            if (!text.many.empty()) {
                pipeline.send(text.many, Parameters::of_columns(lookups[i].keys, text.types));
                asked.push_back(i);
            } else {
                for (const sql::Row& key : lookups[i].keys) {
                    pipeline.send(text.one, Parameters::of_values(key));
                    asked.push_back(i);
                }
            }
        }
        auto answers = pipeline.finish();
        if (!answers) return tl::unexpected(answers.error());
        std::vector<std::vector<sql::Row>> found(lookups.size());
        for (std::size_t i = 0; i < asked.size(); ++i) {
            auto& rows = (*answers)[before.size() + i].rows;
            auto& into = found[asked[i]];
            into.insert(into.end(), std::make_move_iterator(rows.begin()),
                        std::make_move_iterator(rows.end()));
        }
        return found;
    }

    [[nodiscard]] Result<void> store(std::span<sql::Write> writes,
                                     std::span<const std::string> after) override {
        Pipeline pipeline(*this);
        for (const sql::Write& write : writes)
            pipeline.send(write.text->many,
                          Parameters::of_columns(write.rows, write.text->types, write.text->arguments));
        for (const std::string& statement : after) pipeline.send(statement, {});
        auto answers = pipeline.finish();
        if (!answers) return tl::unexpected(answers.error());
        for (std::size_t i = 0; i < writes.size(); ++i) {
            if (writes[i].text->changes_one &&
                (*answers)[i].changed != static_cast<std::int64_t>(writes[i].rows.size()))
                return refuse(ErrorCode::conflict, "a row changed inside the transaction");
        }
        return {};
    }

    /// Runs a text of any number of statements without arguments or rows.
    [[nodiscard]] Result<void> run(const std::string& script) {
        const Answer answer(PQexec(&connection_, script.c_str()), PQclear);
        const ExecStatusType status = PQresultStatus(answer.get());
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
        return tl::unexpected(error(answer.get()));
    }

 private:
    using Answer = std::unique_ptr<PGresult, void (*)(PGresult*)>;

    struct Prepared {
        std::string name, text;  ///< with $1 for the first ?
        bool is_prepared = false;
    };

    /// Statements sent together; the server answers them together. After the first that fails none is run.
    class Pipeline {
     public:
        explicit Pipeline(Session& session) : session_(session), connection_(session.connection_) {
            is_sent_ = PQenterPipelineMode(&connection_) == 1;
        }
        Pipeline(const Pipeline&) = delete;
        Pipeline& operator=(const Pipeline&) = delete;
        ~Pipeline() { PQexitPipelineMode(&connection_); }

        void send(std::string_view statement, const Parameters& parameters) {
            Prepared& prepared = session_.prepared(statement);
            if (session_.prepares_ == Prepares::no) {
                is_sent_ = is_sent_ && parameters.send(connection_, prepared.text, false);
            } else {
                if (!prepared.is_prepared && is_new(prepared)) {
                    is_sent_ = is_sent_ && PQsendPrepare(&connection_, prepared.name.c_str(),
                                                         prepared.text.c_str(), 0, nullptr) == 1;
                    sent_.push_back({&prepared, true});
                }
                is_sent_ = is_sent_ && parameters.send(connection_, prepared.name, true);
            }
            sent_.push_back({&prepared, false});
        }

        /// The answer to each statement, in order.
        [[nodiscard]] Result<std::vector<sql::Rows>> finish() {
            if (!is_sent_ || PQpipelineSync(&connection_) != 1)
                return tl::unexpected(session_.error(nullptr));
            std::vector<sql::Rows> answers;
            std::optional<Error> failed;
            for (const Sent& sent : sent_) {
                for (;;) {
                    const Answer answer(PQgetResult(&connection_), PQclear);
                    if (answer == nullptr) break;
                    const ExecStatusType status = PQresultStatus(answer.get());
                    const bool is_done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
                    if (!is_done && !failed) failed = session_.error(answer.get());
                    if (is_done && sent.is_preparation) sent.prepared->is_prepared = true;
                    if (is_done && !sent.is_preparation) answers.push_back(read(*answer));
                }
                if (PQstatus(&connection_) != CONNECTION_OK) break;
            }
            // The answer to the sync itself.
            const Answer sync(PQgetResult(&connection_), PQclear);
            if (!failed && PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC)
                failed = session_.error(sync.get());
            if (failed) return tl::unexpected(std::move(*failed));
            return answers;
        }

     private:
        struct Sent {
            Prepared* prepared;
            bool is_preparation;
        };
        [[nodiscard]] bool is_new(const Prepared& prepared) const {
            for (const Sent& sent : sent_) {
                if (sent.prepared == &prepared) return false;
            }
            return true;
        }

        Session& session_;
        PGconn& connection_;
        std::vector<Sent> sent_;
        bool is_sent_;
    };

    [[nodiscard]] Prepared& prepared(std::string_view statement) {
        if (const auto known = prepared_.find(statement); known != prepared_.end()) return known->second;
        Prepared made;
        made.name = "tixian_" + std::to_string(prepared_.size());
        int number = 0;
        for (const char c : statement) {
            if (c == '?')
                made.text += "$" + std::to_string(++number);
            else
                made.text += c;
        }
        return prepared_.emplace(std::string(statement), std::move(made)).first->second;
    }

    [[nodiscard]] static sql::Value read_value(const PGresult& answer, int row, int column) {
        if (PQgetisnull(&answer, row, column) == 1) return {};
        const char* text = PQgetvalue(&answer, row, column);
        const auto size = static_cast<std::size_t>(PQgetlength(&answer, row, column));
        constexpr Oid int8 = 20, int2 = 21, int4 = 23;
        const Oid type = PQftype(&answer, column);
        std::int64_t number = 0;
        if (type == int8 || type == int4 || type == int2) {
            std::from_chars(text, text + size, number);
            return number;
        }
        return std::string(text, size);
    }

    [[nodiscard]] static sql::Rows read(const PGresult& answer) {
        sql::Rows rows;
        const char* changed = PQcmdTuples(const_cast<PGresult*>(&answer));  // NOLINT: libpq's missing const
        std::from_chars(changed, changed + std::strlen(changed), rows.changed);
        rows.rows.resize(static_cast<std::size_t>(PQntuples(&answer)));
        const int columns = PQnfields(&answer);
        for (std::size_t i = 0; i < rows.rows.size(); ++i) {
            rows.rows[i].reserve(static_cast<std::size_t>(columns));
            for (int column = 0; column < columns; ++column)
                rows.rows[i].push_back(read_value(answer, static_cast<int>(i), column));
        }
        return rows;
    }

    /// What an answer that is none says; by its SQLSTATE, never by its words.
    [[nodiscard]] Error error(const PGresult* answer) const {
        const char* state = answer != nullptr ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
        const char* primary =
            answer != nullptr ? PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
        const std::string_view code = state != nullptr ? state : "";
        std::string message = primary != nullptr ? primary : PQerrorMessage(&connection_);
        while (!message.empty() && message.back() == '\n') message.pop_back();
        return {error_code(code), "PostgreSQL: " + message, {}};
    }

    [[nodiscard]] static ErrorCode error_code(std::string_view state) {
        // Serialization, deadlock, lock time-out, cancelled by a time-out.
        for (const std::string_view again : {"40001", "40P01", "55P03", "57014"}) {
            if (state == again) return ErrorCode::conflict;
        }
        // Constraints, and what the schema's triggers raise.
        if (state.starts_with("23") || state == "P0001") return ErrorCode::not_allowed;
        if (state == "XX001" || state == "XX002") return ErrorCode::ledger_damaged;
        return ErrorCode::ledger_unavailable;
    }

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    PGconn& connection_;
    const Prepares prepares_;
    std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> prepared_;
};

}  // namespace tixian::postgres

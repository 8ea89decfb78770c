// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tixian/sql/columns.hpp"

namespace tixian::sql {

/// The text of the statements that name every column of withdraw_records, made once.
struct Statements {
    std::string insert_withdrawal;
    std::string
        update_withdrawal;  ///< arguments: the columns that change, then withdraw_id and the version before
    std::string select_withdrawal;  ///< to be continued with WHERE

    Statements() {
        std::string all, marks, assignments;
        for (std::size_t i = 0; i < column_names.size(); ++i) {
            const std::string column(column_names[i]);
            all += (i == 0 ? "" : ", ") + column;
            marks += i == 0 ? "?" : ", ?";
            if (i >= fixed_columns) assignments += (i == fixed_columns ? "" : ", ") + column + " = ?";
        }
        insert_withdrawal = "INSERT INTO withdraw_records (" + all + ") VALUES (" + marks + ")";
        update_withdrawal =
            "UPDATE withdraw_records SET " + assignments + " WHERE withdraw_id = ? AND version = ?";
        select_withdrawal = "SELECT " + all + " FROM withdraw_records";
    }
};

}  // namespace tixian::sql

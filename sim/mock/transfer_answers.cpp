// SPDX-License-Identifier: MIT
#include "mock/transfer_answers.hpp"

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"

namespace tixian::mock {

using nlohmann::json;

json created(const bank::Bill& bill, const Switches& switches) {
    json body;
    body["out_bill_no"] = bill.order.out_bill_no;
    body["transfer_bill_no"] = bill.transfer_bill_no;
    body["create_time"] = time_text(bill.created_at, switches);
    body["state"] = name(bill.state);
    if (bank::is_confirm_page_open(bill.state)) body["package_info"] = bill.package_info;
    add_if(body, "fail_reason", bill.fail_reason);
    return body;
}

json queried(const bank::Bill& bill, const RsaKey& merchant_certificate, const Switches& switches) {
    json body;
    body["mch_id"] = bill.order.mchid;  // with an underscore: only this API spells it so
    body["out_bill_no"] = bill.order.out_bill_no;
    body["transfer_bill_no"] = bill.transfer_bill_no;
    body["appid"] = bill.order.appid;
    body["state"] = name(bill.state);
    body["transfer_amount"] = bill.order.amount.fen();
    body["transfer_remark"] = bill.order.remark;
    body["openid"] = bill.order.openid;
    body["create_time"] = time_text(bill.created_at, switches);
    body["update_time"] = time_text(bill.updated_at, switches);
    add_if(body, "fail_reason", bill.fail_reason);
    if (!bill.order.user_name.empty()) {
        body["user_name"] = merchant_certificate.encrypt(bill.order.user_name);
    }
    if (switches.package_info_in_query && bank::is_confirm_page_open(bill.state)) {
        body["package_info"] = bill.package_info;
    }
    return body;
}

json cancelled(const bank::Bill& bill, const Switches& switches) {
    return {{"out_bill_no", bill.order.out_bill_no},
            {"transfer_bill_no", bill.transfer_bill_no},
            {"state", name(bill.state)},
            {"update_time", time_text(bill.updated_at, switches)}};
}

}  // namespace tixian::mock

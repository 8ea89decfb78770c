# SPDX-License-Identifier: MIT
"""One transfer through tixian-mock: python3 quickstart.py http://127.0.0.1:8085 mock-keys"""
import base64, json, secrets, sys, time, urllib.request

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

base_url, keys = sys.argv[1:]
read = lambda name: open(f"{keys}/{name}", "rb").read()
merchant = json.loads(read("merchant.json"))
merchant_key = serialization.load_pem_private_key(read("merchant_key.pem"), None)
wechatpay_key = serialization.load_pem_public_key(read("wechatpay_public_key.pem"))


def call(method, path, content=None):
    body = json.dumps(content) if content else ""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    text = f"{method}\n{path}\n{timestamp}\n{nonce}\n{body}\n"
    signature = base64.b64encode(merchant_key.sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()
    request = urllib.request.Request(base_url + path, body.encode() or None, method=method, headers={
        "Authorization": f'WECHATPAY2-SHA256-RSA2048 mchid="{merchant["mchid"]}",nonce_str="{nonce}",'
                         f'timestamp="{timestamp}",serial_no="{merchant["merchant_serial"]}",signature="{signature}"',
        "Accept": "application/json", "Content-Type": "application/json",
        "Wechatpay-Serial": merchant["wechatpay_public_key_id"]})
    with urllib.request.urlopen(request, timeout=10) as answer:
        body = answer.read()
        verify(answer.headers, body)
        return json.loads(body)


def verify(headers, body):  # raises when the signature is not WeChat's
    if headers["Wechatpay-Serial"] != merchant["wechatpay_public_key_id"]:
        raise ValueError("signed with an unknown key")
    if abs(time.time() - int(headers["Wechatpay-Timestamp"])) > 300:
        raise ValueError("signed too long ago")
    text = f'{headers["Wechatpay-Timestamp"]}\n{headers["Wechatpay-Nonce"]}\n'.encode() + body + b"\n"
    wechatpay_key.verify(base64.b64decode(headers["Wechatpay-Signature"]), text, PKCS1v15(), hashes.SHA256())


number, bills = f"Python{time.time_ns()}", "/v3/fund-app/mch-transfer/transfer-bills"
bill = call("POST", bills, {
    "appid": merchant["appid"], "out_bill_no": number, "transfer_scene_id": "1010",
    "openid": "oConfirmsAtOnce",  # such a user takes the money by himself
    "transfer_amount": 1234, "transfer_remark": "旧手机回收款",
    "transfer_scene_report_infos": [{"info_type": "回收商品名称", "info_content": "手机"}]})
for _ in range(100):
    print(number, bill["state"])
    if bill["state"] in ("SUCCESS", "FAIL", "CANCELLED"):
        break
    time.sleep(0.1)
    bill = call("GET", f"{bills}/out-bill-no/{number}")
sys.exit(bill["state"] != "SUCCESS")

"""登录凭据的拒绝 refusals around signing in: challenges, certificates, second factors, sessions.

None of them says whether a name or a person exists before the secret has been shown.
"""

from shucai.base.errors import Problem

PROOF_NEEDED = Problem(
    code="IDN-1008",
    what="请先完成验证",
    why="该登录名或来源地址已多次不正确，须由浏览器计算，或等待 {seconds} 秒",
    fix="请重新输入密码后登录，浏览器会自动完成计算；没有脚本时请等待满 {seconds} 秒再提交",
)
ADDRESS_BUSY = Problem(
    code="IDN-1009",
    what="不能登录",
    why="来源地址 {ip} 在 {minutes} 分钟内不正确 {count} 次，上限 {limit} 次",
    fix="请在 {until} 之后再试，仍不能登录时请联系系统管理员",
)
TICKET_OVER = Problem(
    code="IDN-6001",
    what="不能登录",
    why="本页的验证信息已超过 {seconds} 秒，或不是发给本浏览器的",
    fix="请在新打开的页面上重做一次",
)
TICKET_SPENT = Problem(
    code="IDN-6002",
    what="不能登录",
    why="该验证信息已经使用过 1 次，不能重复使用",
    fix="请在新打开的页面上重做一次",
)
CERTIFICATE_UNREADABLE = Problem(
    code="IDN-6003",
    what="不能用该证书登录",
    why="收到 {size} 个字符，其中没有可识别的证书和签名",
    fix="请重新选择证书文件，或重新粘贴签名工具输出的整行文字",
)
CERTIFICATE_FOREIGN = Problem(
    code="IDN-6004",
    what="不能使用该证书",
    why="颁发者“{issuer}”不在受信任的 {count} 个证书之列",
    fix="请使用本市认可的机构颁发的证书，或由系统管理员更新受信任的证书文件",
)
CERTIFICATE_SPAN = Problem(
    code="IDN-6005",
    what="不能使用该证书",
    why="“{subject}”的有效期为 {start} 至 {end}，现在不在其中",
    fix="请向颁发机构更新证书，并由系统管理员申请重新绑定",
)
CERTIFICATE_REVOKED = Problem(
    code="IDN-6006",
    what="不能使用该证书",
    why="颁发机构已于 {on} 吊销序列号 {serial}",
    fix="请向颁发机构申领新证书，并由系统管理员申请绑定",
)
CERTIFICATE_USAGE = Problem(
    code="IDN-6007",
    what="不能使用该证书",
    why="证书的密钥用途为“{usage}”，登录需要数字签名",
    fix="请选择签名证书，不要选择加密证书",
)
SIGNATURE_WRONG = Problem(
    code="IDN-6008",
    what="不能用该证书登录",
    why="签名与证书的 {algorithm} 公钥不符，或签的不是本页的验证信息",
    fix="请核对所选的密钥与证书，对本页的验证信息重新签名",
)
CERTIFICATE_UNBOUND = Problem(
    code="IDN-6009",
    what="不能用该证书登录",
    why="序列号 {serial} 没有绑定可以登录的用户",
    fix="请由系统管理员申请绑定，经安全保密管理员批准后再登录",
)
BINDING_ENDED = Problem(
    code="IDN-6010",
    what="不能用该证书登录",
    why="序列号 {serial} 的绑定已于 {on} 解除",
    fix="请由系统管理员申请绑定新证书",
)
ALGORITHM_OFF = Problem(
    code="IDN-6011",
    what="不能使用 {algorithm}",
    why="{reason}",
    fix="请改用密码或其他算法的证书登录",
)
CERTIFICATE_LIST_OLD = Problem(
    code="IDN-6012",
    what="不能使用该证书",
    why="“{issuer}”的吊销列表应于 {on} 更新，现已过期或不能验证",
    fix="请由系统管理员更新吊销列表文件",
)
CERTIFICATE_TAKEN = Problem(
    code="IDN-6013",
    what="证书 {serial} 不能绑定",
    why="该证书已绑定给 {user}",
    fix="请先申请解除原绑定",
)

CODE_WRONG = Problem(
    code="IDN-6101",
    what="动态口令不能通过",
    why="口令与现在的时间不符，连续 {failures} 次不正确将锁定 {minutes} 分钟",
    fix="请核对手机时间后输入当前的 6 位口令，或使用恢复码",
)
CODE_REPLAYED = Problem(
    code="IDN-6102",
    what="动态口令不能通过",
    why="该口令已经使用过 1 次",
    fix="请等待 30 秒，输入下一个口令",
)
FACTOR_KNOWN = Problem(
    code="IDN-6103",
    what="不能启用双因素",
    why="本人已于 {on} 启用，更换须输入现有的动态口令",
    fix="请输入现有口令；手机遗失时由系统管理员申请重置",
)
FACTOR_NONE = Problem(
    code="IDN-6104",
    what="不能重置双因素",
    why="用户 {username} 没有启用双因素",
    fix="请核对用户",
)
NOT_OWN_SESSION = Problem(
    code="IDN-6105",
    what="不能结束会话 {id}",
    why="该会话已结束，或不是本人的",
    fix="请刷新页面后重试",
)
FACTOR_UNREADABLE = Problem(
    code="IDN-6106",
    what="动态口令不能核对",
    why="系统密钥已更换，已存的 1 份口令密钥不能解开",
    fix="请由系统管理员申请重置双因素，批准后重新启用",
)

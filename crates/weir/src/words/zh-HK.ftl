### Weir in Chinese as it is written in Hong Kong. Follows en.ftl: same keys, same values, same [codes].
###
### 詞彙表：一物一詞。
###   data source   資料來源
###   entity        實體
###   unification   整合
###   profile       客戶檔案
###   measure       指標
###   segment       客群
###   refresh       重新整理
###   job, task     作業、工作
###   snapshot      快照
###   threshold     門檻
###   flow, run     流程、執行
###   instance      執行個體
###   definitions   定義
### 不翻譯：指令、選項、檔案名稱、${…}、Weir。

## Everywhere

error = 錯誤
warning = 警告
info = 資訊
help = 說明
error-line = 錯誤：{ $message }
seconds = { $n } 秒
percent = { $n }%
score = { $n }
unchanged = 沒有變更
never = 從未
snapshot = 快照 { $snapshot }

## How things stand

task-status = { $status ->
    [queued] 排隊中
    [processing] 處理中
    [failedRetrying] 失敗，將會重試
    [successful] 成功
    [completedWithWarnings] 已完成，但有警告
    [completedWithErrors] 已完成，但有錯誤
    [failedPermanent] 失敗
    [skipped] 已略過
    [canceled] 已取消
   *[other] { $status }
}
job-status = { $status ->
    [queued] 排隊中
    [running] 執行中
    [successful] 成功
    [completedWithWarnings] 已完成，但有警告
    [failed] 失敗
    [canceled] 已取消
   *[other] { $status }
}
run-status = { $status ->
    [Running] 執行中
    [Waiting] 等候中
    [Succeeded] 成功
    [Failed] 失敗
    [Skipped] 已略過
    [TimedOut] 逾時
    [Cancelled] 已取消
   *[other] { $status }
}
delivery-status = { $status ->
    [pending] 等候中
    [delivered] 已送達
    [failed] 失敗
   *[other] { $status }
}
operation = { $operation ->
    [ingestion] 讀取
    [unification] 整合
    [activity] 活動
    [attributeMeasures] 屬性指標
    [entityMeasures] 實體指標
    [segmentation] 分群
    [segmentMembership] 客群成員
    [search] 搜尋
    [export] 匯出
   *[other] { $operation }
}
submission = { $kind ->
    [onDemand] 手動
    [scheduled] 按排程
   *[other] { $kind }
}
scope = { $kind ->
    [dataSource] 資料來源 { $name }
    [unification] 整合
    [measure] 量度 { $name }
    [segment] 客群 { $name }
    [export] 匯出 { $name }
   *[full] 全部
}
scope-with = { $surroundings ->
    [upstream] { $what }及其讀取的項目
    [downstream] { $what }及讀取它的項目
   *[both] { $what }、其讀取的項目及讀取它的項目
}
flow-state = { $state ->
    [on] 已開啟
    [waiting] 關閉：需要連線 { $connections }
    [paused] 已暫停
   *[off] 已關閉
}

## Heads of columns

column-action = 動作
column-adds = 新增
column-after = 其後的客群
column-alone = 未配對
column-ambiguous = 有多個候選
column-attribute = 屬性
column-attributes = 屬性
column-average = 平均
column-before = 之前
column-by = 操作者
column-calculation = 計算
column-change = 變動
column-code = 代碼
column-compared = 已比較的配對
column-crossed = 越過時間
column-customer = 客戶
column-ends = 到期
column-ended = 結束
column-entity = 實體
column-error = 錯誤
column-event = 事件
column-flow = 流程
column-found = 找到
column-fulfilled-by = 符合人數
column-greatest = 最大
column-job = 作業
column-key = 鍵
column-left-out = 已略去
column-level = 水平
column-likely = 可能性
column-likely-matches = 可能的配對
column-matched = 已配對
column-measure = 量度
column-members = 成員
column-kind = 種類
column-connector = 連接器
column-detail = 詳情
column-name = 名稱
column-next-tick = 下次觸發
column-of = 範圍
column-only = 僅此找到
column-other-customer = 另一客戶
column-outputs = 輸出或錯誤
column-operation = 操作
column-id = 識別碼
column-asked = 受詢者
column-answers = 已回覆
column-title = 標題
column-failed = 失敗
column-hint = 解決方法
column-parameters = 參數
column-answered = 回應來源
column-pairs = 對數
column-precision = 精確度
column-record = 記錄
column-refreshed = 重新整理時間
column-refused = 不採用
column-result = 結果
column-role = 角色
column-rows = 列數
column-rule = 規則
duplicate-made = { $name } 已寫入 { $place }：請在該處修改，然後執行 `weir apply`。
column-customers = 客戶數
column-segment = 客群
column-share = 比例
column-run = 執行
column-score = 分數
column-smallest = 最小
column-snapshot = 快照
column-stage = 步驟
column-started = 開始
column-state = 開關
column-status = 狀態
column-subject = 對象
column-submitted = 提交方式
column-task = 工作
column-threshold = 門檻
column-time = 時間
column-token = 權杖
column-trend = 走勢
column-tried = 已嘗試
column-type = 類型
column-unique = 不重複
column-used-by = 使用者數目
column-value = 數值
column-values = 值
column-version = 版本
column-applied = 套用時間
column-bytes = 位元組
column-watches = 監察對象
column-what = 內容
column-why = 原因
column-with-values = 有值

## weir status

status-head = { $instance }，快照 { $snapshot }
status-nothing-applied = （尚未套用任何定義）
status-last-job = 上一個作業 { $job }：{ $status }，{ $ended }

## weir refresh

refresh-elsewhere = 另一個程序正在使用這個執行個體；作業由它執行
refresh-cancelling = 正在取消；上一個快照維持有效（再次中斷即時停止）
refresh-ended = { $job }：{ $status ->
    [successful] 成功{ $snapshot }（{ $message }）
    [completedWithWarnings] 已完成，但有警告{ $snapshot }（{ $message }）；請看 `weir status`
    [failed] 失敗{ $snapshot }：{ $message }
    [canceled] 已取消：{ $message }
   *[other] { job-status }
}
refresh-snapshot = ，快照 { $snapshot }

## weir jobs

jobs-show = { $job }，範圍：{ $scope }（{ $by }）：{ $status } { $message }
jobs-will-stop = { $job } 將會停止；上一個快照維持有效
jobs-missing = 沒有作業 { $job }
ended-already = { $what } 早已結束

## weir thresholds

thresholds-no-value = 尚未有數值
thresholds-missing = 沒有門檻 { $name }
thresholds-preview = { $name }：在 { $points } 個數值中會越過 { $n } 次

## weir unify

unify-report = 快照 { $snapshot } 的整合：{ $profiles } 個客戶檔案，其中 { $matched } 個有多於一個實體的記錄
unify-rows-shown = { $total } 列之中的 { $n } 列
unify-which = { $which ->
    [withoutKey] 沒有主鍵的資料列；已略去
    [matched] 客戶在另一實體亦有資料的資料列
    [unmatchedKept] 沒有配對、自成客戶的資料列
    [unmatchedDropped] 沒有配對而被略去的資料列
   *[other] { $which }
}
unify-stage = { $stage ->
    [deduplication] 去除重複
    [match] 配對
   *[other] { $stage }
}
unify-preview = 以這些定義對快照 { $snapshot } 執行：{ $profiles } 個客戶檔案（現時 { $before }）；沒有發布任何內容
unify-suggest-head = 由快照 { $snapshot } 的資料列建議的規則；沒有更改任何內容
unify-suggest-step = { $step ->
    [reading] 正在讀取值
    [learning] 正在從資料學習
    [comparing] 正在比較資料對
    [choosing] 正在選擇規則
   *[trying] 正在試行規則
}
unify-suggest-reason = { $kind ->
    [name] 名稱為「{ $word }」
    [values] { $of } 個值之中有 { $alike } 個符合
    [nameAndValues] 名稱為「{ $word }」，{ $of } 個值之中有 { $alike } 個符合
   *[dataType] 資料類型
}
unify-suggest-merged = { $n } 對會合併
unify-suggest-not-merged = { $n } 對不會合併
unify-suggest-fails = { $attribute } 不符
unify-suggest-blocking = 在 { $possible } 個可能的資料對之中比較了 { $pairs } 對；最少約有 { $missed } 個配對可能遺漏
unify-suggest-refused = 「{ $value }」，{ $rows } 列（{ $reason ->
    [default] 代表不詳的值
   *[common] 太常見
}）
unify-suggest-part = { $part ->
    [first] 名字
    [last] 姓氏
    [names] 姓名
    [firstSound] 名字讀音
    [lastSound] 姓氏讀音
    [initial] 首字母
    [email] 電郵
    [user] 電郵 @ 之前
    [phone] 電話
    [birth] 出生日期
    [birthYear] 出生年份
    [postal] 郵政編碼
    [city] 城市
    [street] 街道
   *[extra] 值
}
unify-suggest-note = { $code ->
    [noPeople] 似乎沒有關於人的實體
    [keyMissing] { $entity } 沒有由一個屬性組成的主鍵，而整合需要主鍵
    [noSignals] { $entity } 沒有能分辨人的屬性
    [nothingInCommon] { $entity } 與其上的實體沒有共同屬性
    [nothingAlikeWithin] { $entity } 幾乎沒有看似同一客戶的資料列
    [nothingAlike] { $entity } 幾乎沒有看似其上實體的客戶的資料列
   *[nothingPrecise] 沒有足夠精確的 { $entity } 規則；較低的精確度可找到更多
}
unify-suggest-next = weir unify suggest --yaml 以 weir.yaml 的段落印出這些規則
unify-suggest-written = 規則已寫入 { $file }
unify-explain-one-or-two = 請查詢一個或兩個：客戶識別碼，或 --record 實體:鍵
unify-customer = 客戶 { $id }
unify-nobody = { $record } 已略去：不屬於任何客戶
unify-profile = 檔案
unify-more-records = 以及另外 { $n } 筆記錄
unify-links = 記錄因何合併
unify-alone = 這裡沒有規則合併任何記錄
unify-same = 兩者是同一客戶；最接近的記錄配對
unify-nearest = 兩個不同客戶；最接近的記錄配對
unify-no-pair = 沒有規則比較這兩者的記錄
unify-decided = { $decided ->
    [alwaysMatch] 已由人決定兩者必定配對
   *[neverMatch] 已由人決定兩者永不配對
}
unify-rule = { $stage ->
    [deduplication] 去除重複規則 { $rule }
   *[match] 配對規則 { $rule }
}：{ $outcome ->
    [fulfilled] 符合
    [failed] 不符合
   *[excepted] 所有條件成立，但適用例外
}
unify-score = 分數 { $score }
unify-probability = 按機率：{ $probability }，需要 { $needed }
unify-prior = 比較之前
unify-weight = 權重 { $n }
unify-of-needed = { $score }，需要 { $needed }
unify-without = { $why ->
    [missing] 沒有值
    [empty] 正規化後沒有剩餘
   *[bypassed] 這個值永不使用
}
unify-exception = 例外 { $name }
unify-obstacle = { $code ->
    [inactive] 但這條規則未啟用
    [neverMatch] 但已由人決定兩者永不配對
    [earlierRule] 但較早的規則 { $rule } 已配對 { $partner }
    [otherPartner] 但 { $partner } 是更佳的配對
    [tooFrequent] 但有 { $rows } 列共用這個值，因此沒有使用
   *[refused] 但會合併永不配對的資料列
}
unify-apart = { $code ->
    [belowThreshold] 但低於所需
    [neverMatch] 但已由人決定這兩位客戶的資料列永不配對
    [noSharedKey] 但從未比較：兩者沒有任何可用來尋找配對的共同值
   *[cut] 但兩者與太多其他資料列相連，已在最不相似之處切開
}
unify-contradiction = 但 { $one } 與 { $other } 的 { $what } 不同，而同一客戶幾乎不會如此
unify-other-rows = 但兩位客戶整體不夠相似：平均權重 { $mean }，需要 { $needed }；最反對的是 { $one } — { $other }，權重 { $weight }
unify-closer = 同一客戶的 { $row } 是更佳的配對
unify-too-frequent = 但從未比較：有 { $rows } 列共用兩者的 { $key }，最多只可 { $most } 列
unify-pinned = 已將 { $n } 列固定於客戶 { $id }
unify-unmerged = 客戶 { $old } 的 { $n } 列將成為客戶 { $id }；{ $kept } 列保留
unify-unpinned = 已取消固定 { $n } 列
unify-next-refresh = 下一步：weir refresh
unify-not-pinned = 資料列 { $row } 沒有固定；未作任何更改
unify-since = 自 { $at } 起使用此識別碼
unify-leads-to = 現時指向：{ $ids }
unify-leads-nowhere = 無人；其資料列已全部消失
lineage-event = { $event ->
    [created] 建立
    [mergedInto] 併入
    [splitFrom] 分拆自
    [retired] 停用
    [returned] 重用
    [pinned] 人手固定，來自
   *[other] { $event }
}

## weir flow

flow-off = 流程 { $flow } 已關閉
flow-run = { $run }，流程 { $flow }：{ $status }
flow-run-started = 開始：{ $started }，由 { $origin } 啟動
flow-run-missing = 沒有執行 { $run }
flow-will-stop = { $run } 將會停止
approval-subject = 需要批核：{ $title }
approval-reminder-subject = 仍在等待你的回覆：{ $title }
approval-open = 查看並回覆
approval-yours-alone = 此連結只供你使用。開啟連結並不會作出任何決定。
approval-none = 這裏沒有需要決定的事項。
approval-too-late = 此事已有決定，或流程不再等待。
approval-you-said = 你的回覆：{ $answer }。
approval-outcome = 結果：{ $outcome }。
approval-comments = 意見
approvals-none-waits = 沒有等待中的批核
approval-taken = { $taken ->
    [noted] 已記錄；仍待其他人回覆
    [decided] 已決定；流程繼續
    [before] { $person } 之前已回覆；以首次回覆為準
   *[tooLate] 之前已有決定，或流程不再等待
}
mail-paused-subject = 流程 { $flow } 持續失敗，已暫停
mail-paused = 自 { $since } 起，{ $flow } 的全部 { $failures } 次執行均失敗，因此已暫停：其觸發程序不再啟動新的執行。
mail-paused-next = 修正問題後再開啟：weir flow on { $flow }。錯過的可以重做：weir flow resubmit --failed-of { $flow }。
mail-digest-subject = { $count ->
   *[other] { $count } 個流程失敗
}
failure-hint = { $hint ->
    [connection] 修正連線，然後重新提交
    [action] 修正動作：它的要求有誤
    [later] 對方失敗：稍後重新提交
    [expression] 運算式沒有值：以此執行試行流程
   *[look] 查看該次執行
}
flow-took-over = { $run } 接續 { $old }
flow-not-started = { $old } 未獲接續：流程已關閉，或其觸發程序條件不符
flow-nothing-to-resubmit = 此流程沒有失敗的執行
flow-tried = 試行 { $flow }：{ $status }；沒有傳送任何內容
flow-held-back = { $count ->
    [0] 沒有攔下任何呼叫。
   *[other] 攔下了 { $count } 個呼叫：
}
flow-answered = { $by ->
    [given] 所提供的回應
    [past] 過往的執行
   *[assumed] 假設成功
}
flow-missing = 沒有流程 { $flow }
flow-no-findings = { $file }：沒有發現問題
import-flow = { $state ->
    [written] { $title } 現為 { $file }
    [dryRun] { $title } 將成為 { $file }
    [exists] 略過 { $title }：{ $file } 已經存在（--force 覆寫，--name 另取名稱）
   *[wrong] 略過 { $title }：內有錯誤；`weir flow draft save { $name } FILE` 可存為草稿
}
import-need = { $state ->
    [mapped] {"  "}連線 { $key }（{ $connector }）：已有
    [open] {"  "}連線 { $key }（{ $connector }）：請用 --map { $key }=NAME 選擇；{ $kind } 類有 { $choices }
    [none] {"  "}連線 { $key }（{ $connector }）：尚無 { $kind } 類的連線；請在 `connections:` 下新增，並用 --map { $key }=NAME 指定
   *[unknown] {"  "}連線 { $key }（{ $connector }）：此處沒有這個連接器；請為以下動作設定靜態結果：{ $actions }
}
import-unknown-key = {"  "}--map { $key }：流程沒有這個連線
import-secret = { $state ->
    [moved] {"  "}{ $place }（{ $pointer }）的密鑰：現由保管庫以 { $name } 保管
   *[there] {"  "}{ $place }（{ $pointer }）有密鑰
}
import-set-secrets = {"  "}現在請儲存密鑰；每個都從標準輸入讀取：
import-move-secrets = {"  "}--move-secrets 會改以保管庫的參照取代它們。
import-stripped = {"  "}已移除：{ $places }
import-note = { $code ->
    [classicWorkflow] 略過：{ $about } 是傳統工作流程（{ $path }）
    [desktopFlow] 略過：{ $about } 是桌面流程（{ $path }）
    [otherWorkflow] 略過：{ $about } 不是雲端流程（{ $path }）
    [templateExpression] { $path }：範本的這個運算式保持原樣：{ $about }
    [placeholder] { $path }：範本的預留位置已換成 { $about }
    [notUtf8] 略過：{ $path } 不是 UTF-8 文字
   *[notJson] 略過：{ $path } 不是 JSON：{ $about }
}
import-apply = `weir apply` 會使其成為執行個體的流程。連線齊備之前，流程保持關閉。
flow-exported = 已寫入 { $file }
flow-exported-secrets = 注意：檔案內寫有的密鑰數目：{ $n }
version-present = 現行
diff-same = 文件相同。
diff-part = { $change ->
    [added] { $part } { $name }：新增
    [removed] { $part } { $name }：移除
    [moved] { $part } { $name }：移動
   *[changed] { $part } { $name }：變更
}
flow-restored = { $state ->
    [applied] { $flow } 已回到版本 { $version }（{ $file }）
   *[written] 已將 { $flow } 的版本 { $version } 寫入 { $file }；定義還有其他變更，請自行執行 `weir apply`
}
draft-missing = { $flow } 沒有草稿
draft-saved = { $state ->
    [right] { $flow } 的草稿正確
   *[wrong] { $flow } 的草稿有錯誤；已保存，但不能發佈
}
draft-discarded = 已刪除 { $flow } 的草稿

## weir query

query-written = 已將 { $n } 列寫入 { $file }

## weir connection

connection-missing = 沒有連線 { $name }
connection-result = { $result ->
    [works] 可用
    [unknown] 未測試
    [failed] 不可用
   *[other] { $result }
}
connector-missing = 沒有連接器 { $name }

## weir secret

secret-stored = 已儲存；以 { $reference } 使用
secret-removed = 已移除 { $name }
secret-missing = 沒有密鑰 { $name }

## weir token

token-created = 權杖 { $name }（{ $role }）有效至 { $end }；只會顯示這一次：
token-state = { $state ->
    [live] 有效
    [revoked] 已撤銷
    [ended] 已到期
   *[other] { $state }
}
token-missing = 沒有有效的權杖 { $token }
token-revoked = 已撤銷權杖 { $name }

## weir init

init-taken = { $files } 已經存在；沒有寫入任何內容
init-made = 已建立 { $files }，位於 { $folder }
init-next = 下一步：{ $commands }

## weir check, apply, export

n-sources = { $sources } 個資料來源
n-measures = { $measures } 個指標
n-segments = { $segments } 個客群
n-thresholds = { $thresholds } 個門檻
n-flows = { $flows } 個流程
check-right = { $instance } 的定義：{ n-sources }、{ n-measures }、{ n-segments }、{ n-thresholds }、{ n-flows }：沒有錯誤
check-wrong = { $n } 個問題；沒有套用任何內容
check-more = … 還有 { $n } 個
apply-not-confirmed = 計劃會刪除某些內容：請先用 `weir plan` 查看，再執行 `weir apply --yes`
apply-ask = 要套用嗎？ [y/N]
apply-done = 已套用；下一步：weir refresh
export-wrote = 已將 { $files } 寫入 { $folder }
export-paths = 資料來源的路徑由 { $folder } 起計：請在此修改
export-other-flows = 資料夾內有尚未套用的流程；它們維持不變

## weir serve

serve-listening = weir 正在 { $address } 提供服務；按 Ctrl-C 停止

## weir doctor

doctor-check = { $check ->
    [definitions] 定義
    [data-folder] 資料資料夾
    [clock] 時鐘
    [state] 狀態
    [entities] 實體
    [secrets] 密鑰
    [refresh] 重新整理
    [schedule] 排程
   *[other] { $check }
}
doctor-fix-line = 解決方法：{ $fix }
doctor-definitions-right = { $instance } 正確
doctor-definitions-fix = 執行 `weir check` 查看所有錯誤
doctor-folder-right = { $folder } 可以寫入
doctor-folder-fix = 給予這個使用者寫入該處的權限，或用 --data 選擇另一個資料夾
doctor-clock-wrong = { $now } 早於這個程式的製作時間
doctor-clock-fix = 校正時鐘，最好使用 NTP
doctor-state-right = weir.db 完整無缺
doctor-state-fix = 先執行 `weir apply`，再執行 `weir refresh`
doctor-restore = 由備份還原資料資料夾
doctor-entities-right = { $n } 個實體，快照 { $snapshot }
doctor-secrets-right = { $n } 個連線已具備所需的一切
doctor-secrets-fix = 用 `weir secret set NAME` 儲存，或設定環境變數
doctor-restore-key = 由備份還原 secret.key
doctor-apply-again = 再次執行 `weir apply`
doctor-never-refreshed = 尚未重新整理過
doctor-refresh-first = 執行 `weir refresh`
doctor-refresh-failed = 上一次失敗：{ $message }
doctor-refresh-fix = 查看 `weir status`，修正來源，再執行 `weir refresh`
doctor-refresh-right = 上一次：{ $status }
doctor-see-log = 查看記錄
doctor-overdue = 佇列 { $queue } 的工作自 { $due } 起等候處理
doctor-overdue-fix = 讓 `weir serve` 保持運行
doctor-schedule-right = 沒有逾期的工作
doctor-no-schedule = 沒有定義排程

## weir demo

demo-opening =
    一間商店、一個會員計劃和一個合作夥伴認識同一批人，但各有各的記法。
    建立於 { $folder }：
    { $people } 人，分別是 { $contacts } 個商店聯絡人、{ $members } 個會員，以及合作夥伴名單上的 { $partners } 列，
    當中有錯字、暱稱、姓名倒置、缺漏和錯誤的值；另有 { $orders } 張訂單和 { $returns } 宗退貨。

    第一次重新整理
demo-first =
    { $rows } 列在 { $seconds } 秒內變成 { $profiles } 個客戶檔案。資料是虛構的，所以真相已知：{ $people } 人。
    在歸為一人的成對資料列之中，{ $precision }% 確實同屬一人；在確實同屬一人的之中，{ $recall }% 已歸為一人。
demo-change =
    一夜之間：{ $contacts } 個新聯絡人和 { $orders } 張新訂單。

    第二次重新整理
demo-not-crossed = 沒有越過任何門檻；這次示範本來不是這樣的。
demo-flow = 流程 { $flow }：{ $status }
demo-card = Teams 卡片
demo-no-card = 沒有收到 Teams 卡片
demo-mail = 電郵：{ $subject }
demo-no-mail = 沒有收到電郵
demo-look-around = 全程用了 { $seconds } 秒。四處看看（cd { $folder }）：
demo-serving = 正在 { $address } 提供服務（健康狀態、量度數據）；按 Ctrl-C 停止

customer-head = 客戶 { $id }
customer-no-segments = 不屬於任何客群
customer-segments = 客群：{ $names }
customer-timeline = 時間線：{ $types }
customer-more = 尚有更多：使用 --skip 及 --top。

profile-rows = 列數
profile-missing = 缺少
profile-distinct = 不同值
profile-smallest = 最小
profile-largest = 最大
profile-frequent = 最常見
profile-none = 沒有 { $entity } 的設定檔：請輸入資料來源實體的全名，並先重新整理

## weir segment and weir measure

reference = { $kind ->
    [entity] 實體 { $name }
    [measure] 指標 { $name }
    [segment] 客群 { $name }
    [threshold] 門檻 { $name }
    [export] 匯出 { $name }
   *[flow] 流程 { $name }
}
standing-state = { $state ->
    [active] 啟用
    [inactive] 停用
    [draft] 草稿
   *[static] 只在要求時計算
}
standing-no-result = { $name }：尚未有結果
standing-tags = 標籤：{ $tags }
standing-refreshed = 重新整理時間：{ $at }
standing-outdated = 定義其後已更改；請執行 `weir refresh`
standing-task = 上一項工作：{ $status } { $message }
standing-schedule = 排程 { $name }：{ $when }
standing-on-request = 只在要求時
standing-reads = 讀取：{ $names }
standing-used-by = 使用者：{ $names }
standing-used-by-nothing = 沒有任何項目使用它
standing-left-out = 完整重新整理會略去{ $what }：沒有任何項目使用它，上次更改或按名稱重新整理是在 { $since }，已超過 { $days } 天（autoDeactivation）
standing-trend = { $line } 共 { $n } 個快照：最初 { $first }，最後 { $last }，最小 { $min }，最大 { $max }
segment-head = { $name }：{ $n } 名成員
segment-no-members = 沒有成員
segment-explain-head = { $holds ->
    [yes] { $name } 包含客戶 { $id }
   *[no] { $name } 不包含客戶 { $id }
}
segment-explain-differs = 已發布的成員並不相同：它們來自上次重新整理。
segment-explain-and = 以下全部
segment-explain-or = 以下至少一項
segment-explain-not = 並非
segment-explain-sql = 這是一個查詢：當中的條件不會逐一拆解
segment-explain-rows = { $of } 列之中的 { $n } 列
segment-estimate = { $of } 名客戶之中的 { $n } 名，{ $percent } %，快照 { $snapshot }
segment-estimate-not-indexed = 索引未能回答，所以由實體計算：{ $why }
measure-kind = { $kind ->
    [business] 業務
    [customerAttribute] 客戶屬性
   *[customerMeasure] 每名客戶
}
measure-rows = { $n } 列
customers-found = { $n } 位客戶

### Weir in Kazakh. Follows en.ftl: same keys, same values, same [codes].
###
### Сөздік: бір нәрсеге бір сөз.
###   data source   дереккөз
###   entity        нысан
###   unification   біріктіру
###   profile       профиль
###   measure       көрсеткіш
###   segment       сегмент
###   refresh       жаңарту
###   job, task     жұмыс, тапсырма
###   snapshot      лездік сурет
###   threshold     шек
###   flow, run     ағын, іске қосу
###   instance      дана
###   definitions   анықтамалар
### Аударылмайды: командалар, опциялар, файл атаулары, ${…}, Weir.

## Everywhere

error = қате
warning = ескерту
info = ақпарат
help = көмек
error-line = қате: { $message }
seconds = { $n } с
percent = { $n } %
score = { $n }
unchanged = өзгеріссіз
never = ешқашан
snapshot = лездік сурет { $snapshot }

## How things stand

task-status = { $status ->
    [queued] кезекте
    [processing] орындалуда
    [failedRetrying] сәтсіз, қайта орындалады
    [successful] сәтті
    [completedWithWarnings] ескертулермен аяқталды
    [completedWithErrors] қателермен аяқталды
    [failedPermanent] сәтсіз
    [skipped] өткізіп жіберілді
    [canceled] болдырылмады
   *[other] { $status }
}
job-status = { $status ->
    [queued] кезекте
    [running] орындалуда
    [successful] сәтті
    [completedWithWarnings] ескертулермен аяқталды
    [failed] сәтсіз
    [canceled] болдырылмады
   *[other] { $status }
}
run-status = { $status ->
    [Running] Орындалуда
    [Waiting] Күтуде
    [Succeeded] Сәтті
    [Failed] Сәтсіз
    [Skipped] Өткізіп жіберілді
    [TimedOut] Уақыты өтті
    [Cancelled] Болдырылмады
   *[other] { $status }
}
delivery-status = { $status ->
    [pending] күтуде
    [delivered] жеткізілді
    [failed] сәтсіз
   *[other] { $status }
}
operation = { $operation ->
    [ingestion] оқу
    [unification] біріктіру
    [activity] әрекеттер
    [attributeMeasures] атрибут көрсеткіштері
    [entityMeasures] нысан көрсеткіштері
    [segmentation] сегменттеу
    [segmentMembership] сегмент мүшелігі
    [search] іздеу
    [export] экспорт
   *[other] { $operation }
}
submission = { $kind ->
    [onDemand] сұрау бойынша
    [scheduled] кесте бойынша
   *[other] { $kind }
}
scope = { $kind ->
    [dataSource] { $name } дереккөзі
    [unification] біріктіру
    [measure] { $name } көрсеткіші
    [segment] { $name } сегменті
    [export] { $name } экспорты
   *[full] барлығы
}
scope-with = { $surroundings ->
    [upstream] { $what } және ол оқитындар
    [downstream] { $what } және оны оқитындар
   *[both] { $what }, ол оқитындар және оны оқитындар
}
flow-state = { $state ->
    [on] қосулы
    [waiting] өшірулі: { $connections } қосылымы керек
    [paused] кідіртілген
   *[off] өшірулі
}

## Heads of columns

column-action = ӘРЕКЕТ
column-adds = ҚОСАДЫ
column-after = КЕЙІНГІ СЕГМЕНТ
column-alone = ЖАЛҒЫЗ
column-ambiguous = БІРМӘНДІ ЕМЕС
column-attribute = АТРИБУТ
column-attributes = АТРИБУТТАР
column-average = ОРТАШАСЫ
column-before = БҰРЫН
column-by = КІМ
column-calculation = ЕСЕПТЕУ
column-change = ӨЗГЕРІСІ
column-code = КОД
column-compared = САЛЫСТЫРЫЛҒАН ЖҰПТАР
column-crossed = ӨТКЕН УАҚЫТЫ
column-customer = КЛИЕНТ
column-ends = АЯҚТАЛАДЫ
column-ended = АЯҚТАЛДЫ
column-entity = НЫСАН
column-error = ҚАТЕ
column-event = ОҚИҒА
column-flow = АҒЫН
column-found = ТАБАДЫ
column-fulfilled-by = ОРЫНДАЙДЫ
column-greatest = ЕҢ ҮЛКЕНІ
column-job = ЖҰМЫС
column-key = КІЛТ
column-left-out = ҚАЛДЫРЫЛҒАН
column-level = ДЕҢГЕЙ
column-likely = ЫҚТИМАЛДЫҒЫ
column-likely-matches = ЫҚТИМАЛ СӘЙКЕСТІКТЕР
column-matched = СӘЙКЕС КЕЛГЕН
column-measure = КӨРСЕТКІШ
column-members = МҮШЕЛЕРІ
column-kind = ТҮРІ
column-connector = ҚОСҚЫШ
column-detail = ТОЛЫҒЫРАҚ
column-name = АТАУЫ
column-next-tick = КЕЛЕСІ ІСКЕ ҚОСУ
column-of = АУҚЫМЫ
column-only = ТЕК ОСЫНДА
column-other-customer = БАСҚА КЛИЕНТ
column-outputs = НӘТИЖЕ НЕМЕСЕ ҚАТЕ
column-operation = ОПЕРАЦИЯ
column-id = ИДЕНТИФИКАТОР
column-asked = СҰРАЛҒАНДАР
column-answers = ЖАУАП БЕРГЕНДЕР
column-title = ТАҚЫРЫП
column-failed = СӘТСІЗ
column-hint = НЕ КӨМЕКТЕСЕДІ
column-parameters = ПАРАМЕТРЛЕР
column-answered = ЖАУАП БЕРГЕН
column-pairs = ЖҰПТАР
column-precision = ДӘЛДІГІ
column-record = ЖАЗБА
column-refreshed = ЖАҢАРТЫЛДЫ
column-refused = ҚАБЫЛДАНБАҒАН
column-result = НӘТИЖЕ
column-role = РӨЛІ
column-rows = ЖОЛДАР
column-rule = ЕРЕЖЕ
duplicate-made = { $name } енді { $place } жерінде тұр: оны сонда өзгертіп, `weir apply` іске қосыңыз.
column-customers = ТҰТЫНУШЫЛАР
column-segment = СЕГМЕНТ
column-share = ҮЛЕСІ
column-run = ІСКЕ ҚОСУ
column-score = ҰПАЙ
column-smallest = ЕҢ КІШІСІ
column-snapshot = ЛЕЗДІК СУРЕТ
column-stage = ҚАДАМ
column-started = БАСТАЛДЫ
column-state = КҮЙІ
column-status = КҮЙІ
column-subject = НЕ ТУРАЛЫ
column-submitted = ЖІБЕРІЛДІ
column-task = ТАПСЫРМА
column-threshold = ШЕК
column-time = УАҚЫТЫ
column-token = ТОКЕН
column-trend = БАРЫСЫ
column-tried = ТЕКСЕРІЛГЕН
column-type = ТҮРІ
column-unique = БІРЕГЕЙ
column-used-by = ПАЙДАЛАНАДЫ
column-value = МӘНІ
column-values = МӘНДЕРІ
column-version = НҰСҚАСЫ
column-applied = ҚОЛДАНЫЛДЫ
column-bytes = БАЙТ
column-watches = БАҚЫЛАЙДЫ
column-what = НЕ БОЛДЫ
column-why = СЕБЕБІ
column-with-values = МӘНДЕРІ БАР

## weir status

status-head = { $instance }, лездік сурет { $snapshot }
status-nothing-applied = (ештеңе қолданылмаған)
status-last-job = соңғы жұмыс { $job }: { $status }, { $ended }

## weir refresh

refresh-elsewhere = осы данамен басқа процесс істеп жатыр; жұмысты сол орындайды
refresh-cancelling = болдырылмауда; соңғы лездік сурет күшінде қалады (бірден тоқтату үшін тағы бір рет үзіңіз)
refresh-ended = { $job }: { $status ->
    [successful] сәтті{ $snapshot } ({ $message })
    [completedWithWarnings] ескертулермен аяқталды{ $snapshot } ({ $message }); `weir status` қараңыз
    [failed] сәтсіз{ $snapshot }: { $message }
    [canceled] болдырылмады: { $message }
   *[other] { job-status }
}
refresh-snapshot = , лездік сурет { $snapshot }

## weir jobs

jobs-show = { $job }, ауқымы: { $scope } ({ $by }): { $status } { $message }
jobs-will-stop = { $job } тоқтайды; соңғы лездік сурет күшінде қалады
jobs-missing = { $job } деген жұмыс жоқ
ended-already = { $what } әлдеқашан аяқталған

## weir thresholds

thresholds-no-value = әзірге мәні жоқ
thresholds-missing = { $name } деген шек жоқ
thresholds-preview = { $name }: { $points } мән ішінде { $n } рет өтілген болар еді

## weir unify

unify-report = { $snapshot } лездік суретінің біріктірілуі: { $profiles } профиль, оның { $matched } профилінде бірнеше нысанның жазбалары бар
unify-rows-shown = { $total } жолдың { $n } жолы
unify-which = { $which ->
    [withoutKey] Негізгі кілті жоқ жолдар; олар қалдырылады
    [matched] Клиентінің басқа нысанда да жолы бар жолдар
    [unmatchedKept] Ештеңеге сәйкес келмеген, өз алдына клиент болған жолдар
    [unmatchedDropped] Ештеңеге сәйкес келмей, қалдырылған жолдар
   *[other] { $which }
}
unify-stage = { $stage ->
    [deduplication] қайталанымдарды біріктіру
    [match] сәйкестендіру
   *[other] { $stage }
}
unify-preview = осы анықтамалармен, { $snapshot } лездік суреті бойынша: { $profiles } профиль (қазір { $before }); ештеңе жарияланған жоқ
unify-suggest-head = { $snapshot } лездік суретінің жолдарынан ұсынылған ережелер; ештеңе өзгерген жоқ
unify-suggest-step = { $step ->
    [reading] мәндер оқылуда
    [learning] деректерден үйренуде
    [comparing] жұптар салыстырылуда
    [choosing] ережелер таңдалуда
   *[trying] ережелер сыналуда
}
unify-suggest-reason = { $kind ->
    [name] атауы «{ $word }» дейді
    [values] { $of } мәннің { $alike } мәні соған ұқсайды
    [nameAndValues] атауы «{ $word }» дейді, { $of } мәннің { $alike } мәні соған ұқсайды
   *[dataType] дерек түрі
}
unify-suggest-merged = { $n } жұп бірігер еді
unify-suggest-not-merged = { $n } жұп бірікпес еді
unify-suggest-fails = { $attribute } сәйкес емес
unify-suggest-blocking = мүмкін { $possible } жұптың { $pairs } жұбы салыстырылды; кемінде шамамен { $missed } сәйкестік өткізіліп алынуы мүмкін
unify-suggest-refused = «{ $value }» { $rows } жолда ({ $reason ->
    [default] ештеңе белгісіз жерде тұрады
   *[common] тым жиі
})
unify-suggest-part = { $part ->
    [first] аты
    [last] тегі
    [names] аты-жөні
    [firstSound] атының дыбысталуы
    [lastSound] тегінің дыбысталуы
    [initial] бас әрпі
    [email] электрондық пошта
    [user] электрондық поштаның @ алдындағы бөлігі
    [phone] телефон
    [birth] туған күні
    [birthYear] туған жылы
    [postal] пошта индексі
    [city] қала
    [street] көше
   *[extra] мән
}
unify-suggest-note = { $code ->
    [noPeople] бірде-бір нысан адамдар туралы емес сияқты
    [keyMissing] { $entity } нысанында біріктіруге қажет бір атрибуттан тұратын негізгі кілт жоқ
    [noSignals] { $entity } нысанында адамдарды ажырататын атрибуттар жоқ
    [nothingInCommon] { $entity } нысанында жоғарыдағы нысандармен ортақ атрибуттар жоқ
    [nothingAlikeWithin] { $entity } нысанында бір клиент сияқты жолдар жоққа тән
    [nothingAlike] { $entity } нысанында жоғарыдағы нысандардың клиенті сияқты жолдар жоққа тән
   *[nothingPrecise] { $entity } үшін жеткілікті дәл ереже жоқ; дәлдік төмен болса, көбірек табылады
}
unify-suggest-next = weir unify suggest --yaml осы ережелерді weir.yaml бөлімі ретінде шығарады
unify-suggest-written = ережелер { $file } файлына жазылды
unify-explain-one-or-two = бір немесе екі клиент туралы сұраңыз: клиент идентификаторлары немесе --record нысан:кілт
unify-customer = { $id } клиенті
unify-nobody = { $record } қалдырылған: ол ешбір клиентке тиесілі емес
unify-profile = профилі
unify-more-records = және тағы { $n } жазба
unify-links = жазбаларды не біріктірді
unify-alone = мұнда ешбір ереже ештеңені біріктірген жоқ
unify-same = екеуі бір клиент; жазбаларының ең жақын жұптары
unify-nearest = екі бөлек клиент; жазбаларының ең жақын жұптары
unify-no-pair = бұл екеуінің жазбаларын ешбір ереже салыстырмайды
unify-decided = { $decided ->
    [alwaysMatch] бұл екеуі әрқашан сәйкес деп адамдар шешкен
   *[neverMatch] бұл екеуі ешқашан сәйкес емес деп адамдар шешкен
}
unify-rule = { $stage ->
    [deduplication] қайталанымдар ережесі { $rule }
   *[match] сәйкестендіру ережесі { $rule }
}: { $outcome ->
    [fulfilled] орындалды
    [failed] орындалмады
   *[excepted] барлық шарт орындалды, бірақ ерекшелік қолданылады
}
unify-score = ұпайы { $score }
unify-probability = ықтималдық бойынша: { $probability }, қажеті { $needed }
unify-prior = салыстырудан бұрын
unify-weight = салмағы { $n }
unify-of-needed = { $score }, қажеті { $needed }
unify-without = { $why ->
    [missing] мәні жоқ
    [empty] қалыпқа келтірілгеннен кейін ештеңе қалмайды
   *[bypassed] бұл мән ешқашан пайдаланылмайды
}
unify-exception = { $name } ерекшелігі
unify-obstacle = { $code ->
    [inactive] бірақ ереже пайдаланылмайды
    [neverMatch] бірақ олар ешқашан сәйкес емес деп адамдар шешкен
    [earlierRule] бірақ бұрынғы { $rule } ережесі { $partner } жазбасымен сәйкестендірген
    [otherPartner] бірақ { $partner } жақсырақ жұп болды
    [tooFrequent] бірақ бұл мән { $rows } жолда бар, сондықтан пайдаланылмады
   *[refused] бірақ ол ешқашан сәйкес емес жолдарды қосар еді
}
unify-apart = { $code ->
    [belowThreshold] бірақ бұл қажеттіден аз
    [neverMatch] бірақ бұл екі клиенттің жолдары ешқашан сәйкес емес деп адамдар шешкен
    [noSharedKey] бірақ олар салыстырылмаған: жұптар ізделетін ортақ мәні жоқ
   *[cut] бірақ олар өте көп басқа жолмен байланысты, ал олар ең аз ұқсас жерінен бөлінген
}
unify-contradiction = бірақ { $one } мен { $other } мына мәнде ерекшеленеді: { $what }; бір клиентте бұлай болмайды дерлік
unify-other-rows = бірақ клиенттер тұтас алғанда жеткілікті ұқсас емес: орташа салмағы { $mean }, қажеті { $needed }; ең қарсысы: { $one } — { $other }, салмағы { $weight }
unify-closer = сол клиенттің { $row } жолы жақсырақ жұп болды
unify-too-frequent = бірақ олар салыстырылмаған: ортақ мәні ({ $key }) { $rows } жолда бар, ал ең көбі { $most } болуы керек
unify-pinned = { $n } жол { $id } клиентіне бекітілді
unify-unmerged = { $old } клиентінің { $n } жолы { $id } клиенті болады; { $kept } жол қалады
unify-unpinned = { $n } жол енді бекітілмеген
unify-next-refresh = әрі қарай: weir refresh
unify-not-pinned = { $row } жолы бекітілмеген; ештеңе өзгерген жоқ
unify-since = бұл идентификатор { $at } бастап бар
unify-leads-to = қазір мынаған апарады: { $ids }
unify-leads-nowhere = ешкімге; оның барлық жолдары жойылған
lineage-event = { $event ->
    [created] құрылды
    [mergedInto] мынаған қосылды
    [splitFrom] мынадан бөлінді
    [retired] қолданыстан шықты
    [returned] қайта оралды
    [pinned] қолмен бекітілді, мынадан
   *[other] { $event }
}

## weir flow

flow-off = { $flow } ағыны өшірулі
flow-run = { $run }, ағын { $flow }: { $status }
flow-run-started = басталды: { $started }, іске қосқан: { $origin }
flow-run-missing = { $run } деген іске қосу жоқ
flow-will-stop = { $run } тоқтайды
approval-subject = Мақұлдау керек: { $title }
approval-reminder-subject = Жауабыңызды әлі күтудеміз: { $title }
approval-open = Қарап, жауап беру
approval-yours-alone = Бұл сілтеме тек сізге арналған. Оны ашу әлі ештеңені шешпейді.
approval-none = Мұнда шешетін ештеңе жоқ.
approval-too-late = Бұл шешіліп қойған немесе ағын енді күтпейді.
approval-you-said = Сіздің жауабыңыз: { $answer }.
approval-outcome = Нәтиже: { $outcome }.
approval-comments = Пікір
approvals-none-waits = күтіп тұрған мақұлдау жоқ
approval-taken = { $taken ->
    [noted] белгіленді; басқалардың жауабы күтілуде
    [decided] шешілді; ағын жалғасады
    [before] { $person } бұрын жауап берген; бірінші жауап есептеледі
   *[tooLate] бұрын шешілген немесе ағын енді күтпейді
}
mail-paused-subject = { $flow } ағыны қайта-қайта сәтсіз аяқталып, кідіртілді
mail-paused = { $since } бастап { $flow } ағынының барлық { $failures } орындалуы сәтсіз болды, сондықтан ол кідіртілді: іске қосқышы жаңа орындалуларды бастамайды.
mail-paused-next = Себебін түзетіп, қосыңыз: weir flow on { $flow }. Өткізіп алғанды қайталауға болады: weir flow resubmit --failed-of { $flow }.
mail-digest-subject = { $count ->
    [one] { $count } ағын сәтсіз аяқталды
   *[other] { $count } ағын сәтсіз аяқталды
}
failure-hint = { $hint ->
    [connection] қосылымды түзетіп, қайта жіберіңіз
    [action] әрекетті түзетіңіз: ол қате нәрсе сұрайды
    [later] екінші тарап істемеді: кейінірек қайта жіберіңіз
    [expression] өрнектің мәні жоқ: ағынды осы орындалумен сынап көріңіз
   *[look] орындалуды қараңыз
}
flow-took-over = { $run } орындалуы { $old } орнын жалғастырады
flow-not-started = { $old } жалғастырылмады: ағын өшірулі немесе оның іске қосқышы басқаны талап етеді
flow-nothing-to-resubmit = бұл ағынның ешбір орындалуы сәтсіз болған жоқ
flow-tried = { $flow } сынағы: { $status }; ештеңе жіберілген жоқ
flow-held-back = { $count ->
    [0] Ешбір шақыру ұсталған жоқ.
    [one] { $count } шақыру ұсталды:
   *[other] { $count } шақыру ұсталды:
}
flow-answered = { $by ->
    [given] берілген жауап
    [past] өткен орындалу
   *[assumed] болжанған сәттілік
}
flow-missing = { $flow } ағыны жоқ
flow-no-findings = { $file }: ескертпелер жоқ
import-flow = { $state ->
    [written] { $title } енді { $file }
    [dryRun] { $title } мынаған айналар еді: { $file }
    [exists] { $title } қалдырылды: { $file } бұрыннан бар (--force үстінен жазады, --name басқа атау береді)
   *[wrong] { $title } қалдырылды: онда қателер бар; `weir flow draft save { $name } FILE` оны нобай ретінде сақтайды
}
import-need = { $state ->
    [mapped] {"  "}{ $key } қосылымы ({ $connector }): бар
    [open] {"  "}{ $key } қосылымы ({ $connector }): --map { $key }=NAME арқылы таңдаңыз; { $kind } түріндегілері: { $choices }
    [none] {"  "}{ $key } қосылымы ({ $connector }): { $kind } түріндегісі әлі жоқ; `connections:` астына қосып, --map { $key }=NAME арқылы атаңыз
   *[unknown] {"  "}{ $key } қосылымы ({ $connector }): мұнда ондай коннектор жоқ; мына әрекеттерге тұрақты нәтиже беріңіз: { $actions }
}
import-unknown-key = {"  "}--map { $key }: ағында ондай қосылым жоқ
import-secret = { $state ->
    [moved] {"  "}{ $place } жеріндегі құпия ({ $pointer }): енді қоймада { $name } атауымен
   *[there] {"  "}{ $place } жеріндегі құпия ({ $pointer })
}
import-set-secrets = {"  "}Енді құпияларды сақтаңыз; әрқайсысы стандартты енгізуден оқылады:
import-move-secrets = {"  "}--move-secrets олардың орнына қоймаға сілтеме қояды.
import-stripped = {"  "}алып тасталды: { $places }
import-note = { $code ->
    [classicWorkflow] қалдырылды: { $about } — классикалық жұмыс процесі ({ $path })
    [desktopFlow] қалдырылды: { $about } — жұмыс үстелі ағыны ({ $path })
    [otherWorkflow] қалдырылды: { $about } бұлттық ағын емес ({ $path })
    [templateExpression] { $path }: үлгінің бұл өрнегі сол күйінде қалады: { $about }
    [placeholder] { $path }: үлгідегі орын белгісі { $about } болды
    [notUtf8] қалдырылды: { $path } UTF-8 мәтіні емес
   *[notJson] қалдырылды: { $path } JSON емес: { $about }
}
import-apply = `weir apply` оларды дананың ағындары етеді. Қосылымдары болғанша ағын өшірулі тұрады.
flow-exported = { $file } жазылды
flow-exported-secrets = Абайлаңыз: ішінде жазылған құпиялар саны: { $n }
version-present = қазіргі
diff-same = Құжаттар бірдей.
diff-part = { $change ->
    [added] { $part } { $name }: қосылды
    [removed] { $part } { $name }: жойылды
    [moved] { $part } { $name }: жылжытылды
   *[changed] { $part } { $name }: өзгерді
}
flow-restored = { $state ->
    [applied] { $flow } қайтадан { $version } нұсқасында ({ $file })
   *[written] { $flow } ағынының { $version } нұсқасы { $file } файлына жазылды; анықтамаларда басқа өзгерістер де бар, сондықтан `weir apply` өзіңізге қалды
}
draft-missing = { $flow } ағынының нобайы жоқ
draft-saved = { $state ->
    [right] { $flow } ағынының нобайы дұрыс
   *[wrong] { $flow } ағынының нобайында қателер бар; ол сақталды, бірақ жариялауға болмайды
}
draft-discarded = { $flow } ағынының нобайы жойылды

## weir query

query-written = { $n } жол жазылды: { $file }

## weir connection

connection-missing = { $name } деген қосылым жоқ
connection-result = { $result ->
    [works] жұмыс істейді
    [unknown] тексерілмеді
    [failed] жұмыс істемейді
   *[other] { $result }
}
connector-missing = { $name } деген қосқыш жоқ

## weir secret

secret-stored = сақталды; оны { $reference } түрінде пайдаланыңыз
secret-removed = { $name } жойылды
secret-missing = { $name } деген құпия жоқ

## weir token

token-created = { $name } токені ({ $role }) { $end } дейін жарамды; ол тек осы жолы көрсетіледі:
token-state = { $state ->
    [live] жарамды
    [revoked] қайтарып алынған
    [ended] мерзімі біткен
   *[other] { $state }
}
token-missing = { $token } деген жарамды токен жоқ
token-revoked = { $name } токені қайтарып алынды

## weir init

init-taken = { $files } бұрыннан бар; ештеңе жазылмады
init-made = { $folder } қалтасында жасалды: { $files }
init-next = әрі қарай: { $commands }

## weir check, apply, export

n-sources = { $sources } дереккөз
n-measures = { $measures } көрсеткіш
n-segments = { $segments } сегмент
n-thresholds = { $thresholds } шек
n-flows = { $flows } ағын
check-right = { $instance } анықтамалары: { n-sources }, { n-measures }, { n-segments }, { n-thresholds }, { n-flows }: қате жоқ
check-wrong = { $n } мәселе; ештеңе қолданылмады
check-more = … және тағы { $n }
apply-not-confirmed = жоспар бірдеңені жояды: `weir plan` арқылы қарап, содан кейін `weir apply --yes` орындаңыз
apply-ask = қолданылсын ба? [y/N]
apply-done = қолданылды; әрі қарай: weir refresh
export-wrote = { $folder } қалтасына жазылды: { $files }
export-paths = дереккөздердің жолдары { $folder } қалтасынан басталады: оларды осында түзетіңіз
export-other-flows = қалтада қолданылмаған ағындар бар; олар өзгертілген жоқ

## weir serve

serve-listening = weir { $address } мекенжайында жұмыс істеп тұр; Ctrl-C тоқтатады

## weir doctor

doctor-check = { $check ->
    [definitions] анықтамалар
    [data-folder] деректер қалтасы
    [clock] сағат
    [state] күй
    [entities] нысандар
    [secrets] құпиялар
    [refresh] жаңарту
    [schedule] кесте
   *[other] { $check }
}
doctor-fix-line = шешімі: { $fix }
doctor-definitions-right = { $instance } дұрыс
doctor-definitions-fix = барлық қатені көру үшін `weir check` орындаңыз
doctor-folder-right = { $folder } қалтасына жазуға болады
doctor-folder-fix = осы пайдаланушыға сонда жазу құқығын беріңіз немесе --data арқылы басқа қалтаны таңдаңыз
doctor-clock-wrong = { $now } осы бағдарлама жасалғанға дейінгі уақыт
doctor-clock-fix = сағатты қойыңыз, NTP арқылы қойған дұрыс
doctor-state-right = weir.db бүтін
doctor-state-fix = `weir apply`, содан кейін `weir refresh` орындаңыз
doctor-restore = деректер қалтасын сақтық көшірмеден қалпына келтіріңіз
doctor-entities-right = { $n } нысан, лездік сурет { $snapshot }
doctor-secrets-right = { $n } қосылымға керектің бәрі бар
doctor-secrets-fix = оны `weir secret set NAME` арқылы сақтаңыз немесе орта айнымалысын орнатыңыз
doctor-restore-key = secret.key файлын сақтық көшірмеден қалпына келтіріңіз
doctor-apply-again = `weir apply` қайта орындаңыз
doctor-never-refreshed = әлі ештеңе жаңартылмаған
doctor-refresh-first = `weir refresh` орындаңыз
doctor-refresh-failed = соңғысы сәтсіз: { $message }
doctor-refresh-fix = `weir status` қарап, дереккөзді түзетіңіз де, `weir refresh` орындаңыз
doctor-refresh-right = соңғысы: { $status }
doctor-see-log = журналды қараңыз
doctor-overdue = { $queue } кезегіндегі жұмыс { $due } бастап күтіп тұр
doctor-overdue-fix = `weir serve` үнемі қосулы тұрсын
doctor-schedule-right = кешіккен ештеңе жоқ
doctor-no-schedule = кесте анықталмаған

## weir demo

demo-opening =
    Дүкен, адалдық бағдарламасы және серіктес бір адамдарды біледі, бірақ әрқайсысы өзінше.
    { $folder } қалтасында жасалды:
    { $people } адам: дүкеннің { $contacts } контактісі, адалдық бағдарламасының { $members } мүшесі және серіктес тізімінің { $partners } жолы,
    қате жазулар, еркелетіп атаулар, ауысып кеткен аты-жөндер, жетіспейтін және бұрыс мәндер бар; { $orders } тапсырыс пен { $returns } қайтарым.

    Бірінші жаңарту
demo-first =
    { $rows } жол { $seconds } с ішінде { $profiles } профильге айналды. Деректер ойдан шығарылған, сондықтан шындық белгілі: { $people } адам.
    Біріктірілген жол жұптарының { $precision }% расында бір адамдікі; бір адамдікі болғандардың { $recall }% біріктірілді.
demo-change =
    Түн ішінде: { $contacts } жаңа контакт пен { $orders } жаңа тапсырыс.

    Екінші жаңарту
demo-not-crossed = Ешбір шектен өткен жоқ; бұл көрсетілім ол үшін емес еді.
demo-flow = ағын { $flow }: { $status }
demo-card = Teams картасы
demo-no-card = Teams картасы келген жоқ
demo-mail = Хат: { $subject }
demo-no-mail = хат келген жоқ
demo-look-around = Барлығына { $seconds } с кетті. Айналаға қараңыз (cd { $folder }):
demo-serving = { $address } мекенжайында жұмыс істеп тұр (күйі, метрикалар); Ctrl-C тоқтатады

customer-head = { $id } тұтынушысы
customer-no-segments = ешбір сегментте жоқ
customer-segments = Сегменттер: { $names }
customer-timeline = Уақыт жолы: { $types }
customer-more = Тағы бар: --skip және --top.

profile-rows = ЖОЛДАР
profile-missing = ЖОҚ
profile-distinct = ӘРТҮРЛІ
profile-smallest = ЕҢ КІШІ
profile-largest = ЕҢ ҮЛКЕН
profile-frequent = ЕҢ ЖИІ
profile-none = { $entity } профилі жоқ: дереккөз нысанын толық атымен атаңыз және алдымен жаңартыңыз

## weir segment and weir measure

reference = { $kind ->
    [entity] { $name } нысаны
    [measure] { $name } көрсеткіші
    [segment] { $name } сегменті
    [threshold] { $name } шегі
    [export] { $name } экспорты
   *[flow] { $name } ағыны
}
standing-state = { $state ->
    [active] қосулы
    [inactive] өшірулі
    [draft] жоба
   *[static] тек сұраныс бойынша
}
standing-no-result = { $name }: әзірге нәтиже жоқ
standing-tags = белгілер: { $tags }
standing-refreshed = жаңартылған уақыты: { $at }
standing-outdated = содан бері анықтама өзгерді; `weir refresh` оны ескереді
standing-task = соңғы тапсырма: { $status } { $message }
standing-schedule = { $name } кестесі: { $when }
standing-on-request = тек сұралғанда
standing-reads = оқитыны: { $names }
standing-used-by = пайдаланатындар: { $names }
standing-used-by-nothing = оны ештеңе пайдаланбайды
standing-left-out = толық жаңарту мынаны қалдырып кетеді: { $what }. Оны ештеңе пайдаланбайды, соңғы рет { $since } күні өзгертілген немесе аты бойынша жаңартылған, содан бері { $days } күннен көп өтті (autoDeactivation)
standing-trend = { $line } { $n } лездік суретте: алғашқысы { $first }, соңғысы { $last }, ең кішісі { $min }, ең үлкені { $max }
segment-head = { $name }: { $n } мүше
segment-no-members = мүшелері жоқ
segment-explain-head = { $holds ->
    [yes] { $name } сегменті { $id } клиентін қамтиды
   *[no] { $name } сегменті { $id } клиентін қамтымайды
}
segment-explain-differs = Жарияланған мүшелер басқаша: олар соңғы жаңартудан.
segment-explain-and = мыналардың бәрі
segment-explain-or = мыналардың кемінде біреуі
segment-explain-not = мынау емес
segment-explain-sql = сұраныс: оның шарттары бөліктерге бөлінбейді
segment-explain-rows = { $of } жолдың { $n } жолында
segment-estimate = { $of } клиенттің { $n } клиенті, { $percent } %, { $snapshot } лездік суретінде
segment-estimate-not-indexed = Индекс жауап бере алмағандықтан, нысандардан саналды: { $why }
measure-kind = { $kind ->
    [business] бизнес
    [customerAttribute] клиент атрибуты
   *[customerMeasure] әр клиент бойынша
}
measure-rows = { $n } жол
customers-found = { $n } тұтынушы

### Weir in Bulgarian. Follows en.ftl: same keys, same values, same [codes].
###
### Речник: една дума за едно нещо.
###   data source   източник на данни
###   entity        обект
###   unification   обединяване
###   profile       профил
###   measure       мярка
###   segment       сегмент
###   refresh       обновяване
###   job, task     задание, задача
###   snapshot      моментна снимка
###   threshold     праг
###   flow, run     поток, изпълнение
###   instance      екземпляр
###   definitions   дефиниции
### Не се превеждат: команди, опции, имена на файлове, ${…}, Weir.

## Everywhere

error = грешка
warning = предупреждение
info = информация
help = помощ
error-line = грешка: { $message }
seconds = { $n } сек
percent = { $n } %
score = { $n }
unchanged = без промяна
never = никога
snapshot = моментна снимка { $snapshot }

## How things stand

task-status = { $status ->
    [queued] чака
    [processing] изпълнява се
    [failedRetrying] неуспешна, ще се опита пак
    [successful] успешна
    [completedWithWarnings] завършена с предупреждения
    [completedWithErrors] завършена с грешки
    [failedPermanent] неуспешна
    [skipped] пропусната
    [canceled] отменена
   *[other] { $status }
}
job-status = { $status ->
    [queued] чака
    [running] изпълнява се
    [successful] успешно
    [completedWithWarnings] завършено с предупреждения
    [failed] неуспешно
    [canceled] отменено
   *[other] { $status }
}
run-status = { $status ->
    [Running] Изпълнява се
    [Waiting] Чака
    [Succeeded] Успешно
    [Failed] Неуспешно
    [Skipped] Пропуснато
    [TimedOut] Времето изтече
    [Cancelled] Отменено
   *[other] { $status }
}
delivery-status = { $status ->
    [pending] чака
    [delivered] доставено
    [failed] неуспешно
   *[other] { $status }
}
operation = { $operation ->
    [ingestion] четене
    [unification] обединяване
    [activity] дейности
    [attributeMeasures] мерки на атрибути
    [entityMeasures] мерки на обекти
    [segmentation] сегментиране
    [segmentMembership] членство в сегменти
    [search] търсене
    [export] експорт
   *[other] { $operation }
}
submission = { $kind ->
    [onDemand] по заявка
    [scheduled] по график
   *[other] { $kind }
}
scope = { $kind ->
    [dataSource] източник на данни { $name }
    [unification] обединяване
    [measure] показател { $name }
    [segment] сегмент { $name }
    [export] експорт { $name }
   *[full] всичко
}
scope-with = { $surroundings ->
    [upstream] { $what } с това, което чете
    [downstream] { $what } с това, което го чете
   *[both] { $what } с това, което чете, и това, което го чете
}
flow-state = { $state ->
    [on] включен
    [waiting] изкл.: нужна е връзката { $connections }
    [paused] на пауза
   *[off] изключен
}

## Heads of columns

column-action = ДЕЙСТВИЕ
column-adds = ДОБАВЯ
column-after = СЕГМЕНТ СЛЕД ТОВА
column-alone = САМИ
column-ambiguous = НЕЕДНОЗНАЧНИ
column-attribute = АТРИБУТ
column-attributes = АТРИБУТИ
column-average = СРЕДНО
column-before = ПРЕДИ
column-by = ОТ
column-calculation = ИЗЧИСЛЕНИЕ
column-change = ПРОМЯНА
column-code = КОД
column-compared = СРАВНЕНИ ДВОЙКИ
column-crossed = ПРЕМИНАТ
column-customer = КЛИЕНТ
column-ends = ВАЛИДЕН ДО
column-ended = КРАЙ
column-entity = ОБЕКТ
column-error = ГРЕШКА
column-event = СЪБИТИЕ
column-flow = ПОТОК
column-found = НАМИРА
column-fulfilled-by = ИЗПЪЛНЯВАТ ГО
column-greatest = НАЙ-ГОЛЯМА
column-job = ЗАДАНИЕ
column-key = КЛЮЧ
column-left-out = ПРОПУСНАТИ
column-level = НИВО
column-likely = ВЕРОЯТНОСТ
column-likely-matches = ВЕРОЯТНИ СЪВПАДЕНИЯ
column-matched = СЪВПАДНАЛИ
column-measure = ПОКАЗАТЕЛ
column-members = ЧЛЕНОВЕ
column-kind = ВИД
column-connector = КОНЕКТОР
column-detail = ПОДРОБНОСТИ
column-name = ИМЕ
column-next-tick = СЛЕДВАЩ ПУСК
column-of = ОБХВАТ
column-only = САМО ТУК
column-other-customer = ДРУГ КЛИЕНТ
column-outputs = РЕЗУЛТАТ ИЛИ ГРЕШКА
column-operation = ОПЕРАЦИЯ
column-id = ИД
column-asked = ПОПИТАНИ
column-answers = ОТГОВОРИЛИ
column-title = ЗАГЛАВИЕ
column-failed = НЕУСПЕШНИ
column-hint = КАКВО ПОМАГА
column-parameters = ПАРАМЕТРИ
column-answered = ОТГОВОРЕНО ОТ
column-pairs = ДВОЙКИ
column-precision = ТОЧНОСТ
column-record = ЗАПИС
column-refreshed = ОБНОВЕН
column-refused = ОТХВЪРЛЕНИ
column-result = РЕЗУЛТАТ
column-role = РОЛЯ
column-rows = РЕДОВЕ
column-rule = ПРАВИЛО
duplicate-made = { $name } вече е в { $place }: променете го там и изпълнете `weir apply`.
column-customers = КЛИЕНТИ
column-segment = СЕГМЕНТ
column-share = ДЯЛ
column-run = ИЗПЪЛНЕНИЕ
column-score = ОЦЕНКА
column-smallest = НАЙ-МАЛКА
column-snapshot = СНИМКА
column-stage = СТЪПКА
column-started = НАЧАЛО
column-state = СЪСТОЯНИЕ
column-status = СЪСТОЯНИЕ
column-subject = ОТНОСНО
column-submitted = ПОДАДЕНО
column-task = ЗАДАЧА
column-threshold = ПРАГ
column-time = ВРЕМЕ
column-token = ТОКЕН
column-trend = ХОД
column-tried = ПРОБВАНИ
column-type = ВИД
column-unique = УНИКАЛНИ
column-used-by = ИЗПОЛЗВАТ ГО
column-value = СТОЙНОСТ
column-values = СТОЙНОСТИ
column-version = ВЕРСИЯ
column-applied = ПРИЛОЖЕНА
column-bytes = БАЙТОВЕ
column-watches = СЛЕДИ
column-what = КАКВО
column-why = ЗАЩО
column-with-values = СЪС СТОЙНОСТИ

## weir status

status-head = { $instance }, моментна снимка { $snapshot }
status-nothing-applied = (нищо не е приложено)
status-last-job = последно задание { $job }: { $status }, { $ended }

## weir refresh

refresh-elsewhere = друг процес работи с този екземпляр; той изпълнява заданието
refresh-cancelling = отменя се; последната моментна снимка остава (прекъснете пак за незабавно спиране)
refresh-ended = { $job }: { $status ->
    [successful] успешно{ $snapshot } ({ $message })
    [completedWithWarnings] завършено с предупреждения{ $snapshot } ({ $message }); вижте `weir status`
    [failed] неуспешно{ $snapshot }: { $message }
    [canceled] отменено: { $message }
   *[other] { job-status }
}
refresh-snapshot = , моментна снимка { $snapshot }

## weir jobs

jobs-show = { $job }, обхват: { $scope } ({ $by }): { $status } { $message }
jobs-will-stop = { $job } ще спре; последната моментна снимка остава
jobs-missing = няма задание { $job }
ended-already = { $what } вече е приключило

## weir thresholds

thresholds-no-value = още няма стойност
thresholds-missing = няма праг { $name }
thresholds-preview = { $name }: би бил преминат { $n ->
    [one] веднъж
   *[other] { $n } пъти
} за { $points ->
    [one] { $points } стойност
   *[other] { $points } стойности
}

## weir unify

unify-report = обединяване на моментна снимка { $snapshot }: { $profiles ->
    [one] { $profiles } профил
   *[other] { $profiles } профила
}, от които { $matched ->
    [one] { $matched } има
   *[other] { $matched } имат
} записи от повече от един обект
unify-rows-shown = { $n } от { $total ->
    [one] { $total } ред
   *[other] { $total } реда
}
unify-which = { $which ->
    [withoutKey] Редове без първичен ключ; те са пропуснати
    [matched] Редове, чийто клиент има ред и в друг обект
    [unmatchedKept] Редове без съвпадение, които са отделни клиенти
    [unmatchedDropped] Редове без съвпадение, които са пропуснати
   *[other] { $which }
}
unify-stage = { $stage ->
    [deduplication] дедупликация
    [match] съпоставяне
   *[other] { $stage }
}
unify-preview = с тези дефиниции, върху моментна снимка { $snapshot }: { $profiles ->
    [one] { $profiles } профил
   *[other] { $profiles } профила
} (сега { $before }); нищо не е публикувано
unify-suggest-head = правила, предложени от редовете на моментна снимка { $snapshot }; нищо не е променено
unify-suggest-step = { $step ->
    [reading] четене на стойности
    [learning] учене от данните
    [comparing] сравняване на двойки
    [choosing] избиране на правила
   *[trying] изпробване на правилата
}
unify-suggest-reason = { $kind ->
    [name] името казва „{ $word }“
    [values] { $alike } от { $of } стойности изглеждат така
    [nameAndValues] името казва „{ $word }“, { $alike } от { $of } стойности изглеждат така
   *[dataType] типът на данните
}
unify-suggest-merged = { $n ->
    [one] { $n } двойка би се обединила
   *[other] { $n } двойки биха се обединили
}
unify-suggest-not-merged = { $n ->
    [one] { $n } двойка не би се обединила
   *[other] { $n } двойки не биха се обединили
}
unify-suggest-fails = { $attribute } не съвпада
unify-suggest-blocking = сравнени са { $pairs ->
    [one] { $pairs } двойка
   *[other] { $pairs } двойки
} от { $possible } възможни; може да са пропуснати поне около { $missed } съвпадения
unify-suggest-refused = „{ $value }“ в { $rows ->
    [one] { $rows } ред
   *[other] { $rows } реда
} ({ $reason ->
    [default] стои там, където нищо не се знае
   *[common] твърде често
})
unify-suggest-part = { $part ->
    [first] собствено име
    [last] фамилно име
    [names] имена
    [firstSound] звучене на собственото име
    [lastSound] звучене на фамилното име
    [initial] начална буква
    [email] имейл
    [user] имейл преди @
    [phone] телефон
    [birth] дата на раждане
    [birthYear] година на раждане
    [postal] пощенски код
    [city] град
    [street] улица
   *[extra] стойност
}
unify-suggest-note = { $code ->
    [noPeople] никой обект не изглежда да е за хора
    [keyMissing] { $entity } няма първичен ключ от един атрибут, какъвто е нужен за обединяването
    [noSignals] { $entity } няма атрибути, които различават хората
    [nothingInCommon] { $entity } няма общи атрибути с обектите над него
    [nothingAlikeWithin] почти няма редове на { $entity }, които да изглеждат един клиент
    [nothingAlike] почти няма редове на { $entity }, които да изглеждат клиент от обектите над него
   *[nothingPrecise] няма достатъчно точно правило за { $entity }; с по-ниска точност се намира повече
}
unify-suggest-next = weir unify suggest --yaml извежда тези правила като раздел за weir.yaml
unify-suggest-written = правилата са записани в { $file }
unify-explain-one-or-two = питайте за един или двама: идентификатори на клиенти или --record обект:ключ
unify-customer = клиент { $id }
unify-nobody = { $record } е пропуснат: не принадлежи на никой клиент
unify-profile = профил
unify-more-records = { $n ->
    [one] и още { $n } запис
   *[other] и още { $n } записа
}
unify-links = какво е събрало записите
unify-alone = тук никое правило не е събрало нищо
unify-same = двата са един и същ клиент; най-близките двойки от записите им
unify-nearest = двама клиенти; най-близките двойки от записите им
unify-no-pair = никое правило не сравнява записи на тези двама
unify-decided = { $decided ->
    [alwaysMatch] хора са решили, че тези двата винаги съвпадат
   *[neverMatch] хора са решили, че тези двата никога не съвпадат
}
unify-rule = { $stage ->
    [deduplication] правило за дедупликация { $rule }
   *[match] правило за съпоставяне { $rule }
}: { $outcome ->
    [fulfilled] изпълнено
    [failed] неизпълнено
   *[excepted] всички условия са изпълнени, но важи изключение
}
unify-score = оценка { $score }
unify-probability = по вероятност: { $probability }, нужни { $needed }
unify-prior = преди каквото и да е сравнение
unify-weight = тежест { $n }
unify-of-needed = { $score }, нужни { $needed }
unify-without = { $why ->
    [missing] няма стойност
    [empty] след нормализиране не остава нищо
   *[bypassed] тази стойност никога не се използва
}
unify-exception = изключение { $name }
unify-obstacle = { $code ->
    [inactive] но правилото не се използва
    [neverMatch] но хора са решили, че никога не съвпадат
    [earlierRule] но по-ранното правило { $rule } вече е намерило { $partner }
    [otherPartner] но { $partner } е по-доброто съвпадение
    [tooFrequent] но { $rows ->
        [one] { $rows } ред има
       *[other] { $rows } реда имат
    } тази стойност, затова тя не е използвана
   *[refused] но би събрало редове, които никога не съвпадат
}
unify-apart = { $code ->
    [belowThreshold] но това е по-малко от нужното
    [neverMatch] но хора са решили, че редове на тези двама клиенти никога не съвпадат
    [noSharedKey] но не са сравнявани: нямат обща стойност, по която се търсят двойки
   *[cut] но са свързани с твърде много други редове, които бяха разделени там, където най-малко си приличат
}
unify-contradiction = но { $one } и { $other } се различават по { $what }, а при един клиент това почти не се случва
unify-other-rows = но клиентите като цяло не си приличат достатъчно: средна тежест { $mean }, нужна { $needed }; най-много против: { $one } — { $other }, тежест { $weight }
unify-closer = { $row } на същия клиент е по-доброто съвпадение
unify-too-frequent = но не са сравнявани: { $rows ->
    [one] { $rows } ред има
   *[other] { $rows } реда имат
} общата им стойност ({ $key }), а най-много може { $most }
unify-pinned = { $n ->
    [one] { $n } ред е закачен
   *[other] { $n } реда са закачени
} към клиента { $id }
unify-unmerged = { $n ->
    [one] { $n } ред на клиента { $old } ще бъде
   *[other] { $n } реда на клиента { $old } ще бъдат
} клиентът { $id }; { $kept ->
    [one] остава { $kept } ред
   *[other] остават { $kept } реда
}
unify-unpinned = { $n ->
    [one] { $n } ред вече не е закачен
   *[other] { $n } реда вече не са закачени
}
unify-next-refresh = следва: weir refresh
unify-not-pinned = редът { $row } не е закачен; нищо не е променено
unify-since = има този идентификатор от { $at }
unify-leads-to = води към: { $ids }
unify-leads-nowhere = никого; всичките му редове са изчезнали
lineage-event = { $event ->
    [created] създаден
    [mergedInto] слят с
    [splitFrom] отделен от
    [retired] излязъл от употреба
    [returned] върнал се
    [pinned] закачен на ръка, от
   *[other] { $event }
}

## weir flow

flow-off = потокът { $flow } е изключен
flow-run = { $run } на { $flow }: { $status }
flow-run-started = начало { $started }, пуснато от { $origin }
flow-run-missing = няма изпълнение { $run }
flow-will-stop = { $run } ще спре
approval-subject = Нужно е одобрение: { $title }
approval-reminder-subject = Все още чакаме отговора ви: { $title }
approval-open = Вижте и отговорете
approval-yours-alone = Тази връзка е само за вас. Отварянето ѝ още не решава нищо.
approval-none = Тук няма какво да се решава.
approval-too-late = Това вече е решено или потокът не чака повече.
approval-you-said = Отговорихте: { $answer }.
approval-outcome = Резултат: { $outcome }.
approval-comments = Коментари
approvals-none-waits = няма чакащи одобрения
approval-taken = { $taken ->
    [noted] отбелязано; остават отговорите на другите
    [decided] решено; потокът продължава
    [before] { $person } вече отговори; важи първият отговор
   *[tooLate] вече е решено или потокът не чака повече
}
mail-paused-subject = Потокът { $flow } продължава да е неуспешен и е на пауза
mail-paused = Всички { $failures } изпълнения на { $flow } от { $since } са неуспешни, затова потокът е на пауза: задействането му не започва нови изпълнения.
mail-paused-next = Поправете причината и го включете: weir flow on { $flow }. Пропуснатото може да се повтори: weir flow resubmit --failed-of { $flow }.
mail-digest-subject = { $count ->
    [one] { $count } поток беше неуспешен
   *[other] { $count } потока бяха неуспешни
}
failure-hint = { $hint ->
    [connection] поправете връзката и изпратете отново
    [action] поправете действието: то иска нещо грешно
    [later] другата страна не успя: изпратете отново по-късно
    [expression] израз няма стойност: пробвайте потока с това изпълнение
   *[look] вижте изпълнението
}
flow-took-over = { $run } продължава { $old }
flow-not-started = { $old } не е продължено: потокът е изключен или задействането му иска друго
flow-nothing-to-resubmit = нито едно изпълнение на този поток не е неуспешно
flow-tried = проба на { $flow }: { $status }; нищо не е изпратено
flow-held-back = { $count ->
    [0] Нито едно повикване не беше задържано.
    [one] { $count } повикване беше задържано:
   *[other] { $count } повиквания бяха задържани:
}
flow-answered = { $by ->
    [given] дадения отговор
    [past] предишното изпълнение
   *[assumed] предполагаем успех
}
flow-missing = няма поток { $flow }
flow-no-findings = { $file }: няма забележки
import-flow = { $state ->
    [written] { $title } вече е { $file }
    [dryRun] { $title } би станал { $file }
    [exists] { $title } е пропуснат: { $file } вече съществува (--force го презаписва, --name дава друго име)
   *[wrong] { $title } е пропуснат: има грешки; `weir flow draft save { $name } FILE` го запазва като чернова
}
import-need = { $state ->
    [mapped] {"  "}връзка { $key } ({ $connector }): налична
    [open] {"  "}връзка { $key } ({ $connector }): изберете своята с --map { $key }=NAME; от вида { $kind } има { $choices }
    [none] {"  "}връзка { $key } ({ $connector }): още няма от вида { $kind }; добавете под `connections:` и я посочете с --map { $key }=NAME
   *[unknown] {"  "}връзка { $key } ({ $connector }): тук няма такъв конектор; дайте статични резултати на тези действия: { $actions }
}
import-unknown-key = {"  "}--map { $key }: потокът няма такава връзка
import-secret = { $state ->
    [moved] {"  "}тайна на { $place } ({ $pointer }): вече се пази в хранилището като { $name }
   *[there] {"  "}тайна на { $place } ({ $pointer })
}
import-set-secrets = {"  "}Сега запишете тайните; всяка се чете от стандартния вход:
import-move-secrets = {"  "}--move-secrets поставя на тяхно място препратки към хранилището.
import-stripped = {"  "}премахнато: { $places }
import-note = { $code ->
    [classicWorkflow] пропуснато: { $about } е класически работен процес ({ $path })
    [desktopFlow] пропуснато: { $about } е настолен поток ({ $path })
    [otherWorkflow] пропуснато: { $about } не е облачен поток ({ $path })
    [templateExpression] { $path }: този израз на шаблона остава както е: { $about }
    [placeholder] { $path }: заместителят в шаблона стана { $about }
    [notUtf8] пропуснато: { $path } не е текст в UTF-8
   *[notJson] пропуснато: { $path } не е JSON: { $about }
}
import-apply = `weir apply` ги прави потоци на инстанцията. Потокът остава изключен, докато връзките му не са налични.
flow-exported = записан е { $file }
flow-exported-secrets = Внимание: тайни, записани в него: { $n }
version-present = текуща
diff-same = Документите са еднакви.
diff-part = { $change ->
    [added] { $part } { $name }: добавено
    [removed] { $part } { $name }: премахнато
    [moved] { $part } { $name }: преместено
   *[changed] { $part } { $name }: променено
}
flow-restored = { $state ->
    [applied] { $flow } отново е на версия { $version } ({ $file })
   *[written] версия { $version } на { $flow } е записана в { $file }; дефинициите имат и други промени, затова сами извикайте `weir apply`
}
draft-missing = няма чернова на { $flow }
draft-saved = { $state ->
    [right] черновата на { $flow } е правилна
   *[wrong] черновата на { $flow } има грешки; запазена е, но не може да се публикува
}
draft-discarded = черновата на { $flow } е изтрита

## weir query

query-written = { $n ->
    [one] { $n } ред е записан
   *[other] { $n } реда са записани
} в { $file }

## weir connection

connection-missing = няма връзка { $name }
connection-result = { $result ->
    [works] работи
    [unknown] не е проверена
    [failed] не работи
   *[other] { $result }
}
connector-missing = няма конектор { $name }

## weir secret

secret-stored = запазено; използвайте го като { $reference }
secret-removed = премахнато: { $name }
secret-missing = няма тайна { $name }

## weir token

token-created = токенът { $name } ({ $role }) важи до { $end }; показва се само този път:
token-state = { $state ->
    [live] валиден
    [revoked] отнет
    [ended] изтекъл
   *[other] { $state }
}
token-missing = няма валиден токен { $token }
token-revoked = токенът { $name } е отнет

## weir init

init-taken = вече съществува: { $files }; нищо не е записано
init-made = създадени са { $files } в { $folder }
init-next = следва: { $commands }

## weir check, apply, export

n-sources = { $sources ->
    [one] { $sources } източник на данни
   *[other] { $sources } източника на данни
}
n-measures = { $measures ->
    [one] { $measures } мярка
   *[other] { $measures } мерки
}
n-segments = { $segments ->
    [one] { $segments } сегмент
   *[other] { $segments } сегмента
}
n-thresholds = { $thresholds ->
    [one] { $thresholds } праг
   *[other] { $thresholds } прага
}
n-flows = { $flows ->
    [one] { $flows } поток
   *[other] { $flows } потока
}
check-right = дефиниции на { $instance }: { n-sources }, { n-measures }, { n-segments }, { n-thresholds }, { n-flows }: няма грешки
check-wrong = { $n ->
    [one] { $n } проблем
   *[other] { $n } проблема
}; нищо не е приложено
check-more = … и още { $n }
apply-not-confirmed = планът изтрива нещо: прегледайте го с `weir plan`, после `weir apply --yes`
apply-ask = да се приложи ли? [y/N]
apply-done = приложено; следва: weir refresh
export-wrote = записани са { $files } в { $folder }
export-paths = пътищата на източниците на данни започват от { $folder }: поправете ги тук
export-other-flows = в папката има потоци, които не са приложени; те не са променени

## weir serve

serve-listening = weir работи на { $address }; Ctrl-C го спира

## weir doctor

doctor-check = { $check ->
    [definitions] дефиниции
    [data-folder] папка с данни
    [clock] часовник
    [state] състояние
    [entities] обекти
    [secrets] тайни
    [refresh] обновяване
    [schedule] график
   *[other] { $check }
}
doctor-fix-line = решение: { $fix }
doctor-definitions-right = { $instance } е наред
doctor-definitions-fix = изпълнете `weir check`, за да видите всички грешки
doctor-folder-right = в { $folder } може да се пише
doctor-folder-fix = дайте на този потребител право да пише там или изберете друга папка с --data
doctor-clock-wrong = { $now } е преди създаването на тази програма
doctor-clock-fix = сверете часовника, най-добре чрез NTP
doctor-state-right = weir.db е цяла
doctor-state-fix = изпълнете `weir apply`, после `weir refresh`
doctor-restore = възстановете папката с данни от резервно копие
doctor-entities-right = { $n ->
    [one] { $n } обект
   *[other] { $n } обекта
} в моментна снимка { $snapshot }
doctor-secrets-right = { $n ->
    [one] { $n } връзка има всичко нужно
   *[other] { $n } връзки имат всичко нужно
}
doctor-secrets-fix = запазете я с `weir secret set NAME` или задайте променливата на средата
doctor-restore-key = възстановете secret.key от резервно копие
doctor-apply-again = изпълнете отново `weir apply`
doctor-never-refreshed = още нищо не е обновено
doctor-refresh-first = изпълнете `weir refresh`
doctor-refresh-failed = последното е неуспешно: { $message }
doctor-refresh-fix = вижте `weir status`, поправете източника, после `weir refresh`
doctor-refresh-right = последното: { $status }
doctor-see-log = вижте дневника
doctor-overdue = работата от опашката { $queue } чака от { $due }
doctor-overdue-fix = дръжте `weir serve` пуснат
doctor-schedule-right = нищо не закъснява
doctor-no-schedule = няма зададен график

## weir demo

demo-opening =
    Магазин, програма за лоялност и партньор познават едни и същи хора, всеки посвоему.
    Създадено в { $folder }:
    { $people ->
        [one] { $people } човек
       *[other] { $people } души
    } като { $contacts ->
        [one] { $contacts } контакт на магазина
       *[other] { $contacts } контакта на магазина
    }, { $members ->
        [one] { $members } лоялен клиент
       *[other] { $members } лоялни клиенти
    } и { $partners ->
        [one] { $partners } ред
       *[other] { $partners } реда
    } от списъка на партньора,
    с печатни грешки, галени имена, разменени имена, липсващи и грешни стойности; { $orders ->
        [one] { $orders } поръчка
       *[other] { $orders } поръчки
    } и { $returns ->
        [one] { $returns } връщане
       *[other] { $returns } връщания
    }.

    Първо обновяване
demo-first =
    { $rows ->
        [one] { $rows } ред стана
       *[other] { $rows } реда станаха
    } { $profiles ->
        [one] { $profiles } профил
       *[other] { $profiles } профила
    } за { $seconds } сек. Данните са измислени, затова истината е известна: { $people ->
        [one] { $people } човек
       *[other] { $people } души
    }.
    От двойките редове, които бяха събрани, { $precision }% наистина са на един и същ човек; от двойките, които са, { $recall }% бяха събрани.
demo-change =
    През нощта: { $contacts ->
        [one] { $contacts } нов контакт
       *[other] { $contacts } нови контакта
    } и { $orders ->
        [one] { $orders } нова поръчка
       *[other] { $orders } нови поръчки
    }.

    Второ обновяване
demo-not-crossed = Никой праг не беше преминат; не за това е тази демонстрация.
demo-flow = поток { $flow }: { $status }
demo-card = Карта в Teams
demo-no-card = не пристигна карта в Teams
demo-mail = Имейл: { $subject }
demo-no-mail = не пристигна имейл
demo-look-around = Всичко отне { $seconds } сек. Разгледайте (cd { $folder }):
demo-serving = работи на { $address } (състояние, метрики); Ctrl-C го спира

customer-head = Клиент { $id }
customer-no-segments = в никой сегмент
customer-segments = Сегменти: { $names }
customer-timeline = Хронология: { $types }
customer-more = Има още: --skip и --top.

profile-rows = РЕДОВЕ
profile-missing = ЛИПСВАЩИ
profile-distinct = РАЗЛИЧНИ
profile-smallest = НАЙ-МАЛКА
profile-largest = НАЙ-ГОЛЯМА
profile-frequent = НАЙ-ЧЕСТИ
profile-none = няма профил на { $entity }: посочете обект на източник на данни с пълното му име и първо го обновете

## weir segment and weir measure

reference = { $kind ->
    [entity] обект { $name }
    [measure] мярка { $name }
    [segment] сегмент { $name }
    [threshold] праг { $name }
    [export] експорт { $name }
   *[flow] поток { $name }
}
standing-state = { $state ->
    [active] действа
    [inactive] изключен
    [draft] чернова
   *[static] само при поискване
}
standing-no-result = { $name }: още няма резултат
standing-tags = етикети: { $tags }
standing-refreshed = обновено на { $at }
standing-outdated = дефиницията е променена след това; `weir refresh` я взема предвид
standing-task = последна задача: { $status } { $message }
standing-schedule = график { $name }: { $when }
standing-on-request = само при поискване
standing-reads = чете { $names }
standing-used-by = използват го { $names }
standing-used-by-nothing = нищо не го използва
standing-left-out = пълните обновявания пропускат: { $what }. Нищо не го използва, а последната промяна или обновяване по име е от { $since }, преди повече от { $days } дни (autoDeactivation)
standing-trend = { $line } за { $n ->
    [one] { $n } моментна снимка
   *[other] { $n } моментни снимки
}: първа стойност { $first }, последна { $last }, най-малка { $min }, най-голяма { $max }
segment-head = { $name }: { $n ->
    [one] { $n } член
   *[other] { $n } членове
}
segment-no-members = няма членове
segment-explain-head = { $holds ->
    [yes] { $name } обхваща клиент { $id }
   *[no] { $name } не обхваща клиент { $id }
}
segment-explain-differs = Публикуваните членове казват друго: те са от последното обновяване.
segment-explain-and = всички тези
segment-explain-or = поне едно от тези
segment-explain-not = не
segment-explain-sql = заявка: условията ѝ не се разглеждат поотделно
segment-explain-rows = в { $n } от { $of ->
    [one] { $of } ред
   *[other] { $of } реда
}
segment-estimate = { $n ->
    [one] { $n } клиент
   *[other] { $n } клиенти
} от { $of }, { $percent } %, в моментна снимка { $snapshot }
segment-estimate-not-indexed = Преброено от обектите, защото индексът не може да каже: { $why }
measure-kind = { $kind ->
    [business] за бизнеса
    [customerAttribute] атрибут на клиента
   *[customerMeasure] за всеки клиент
}
measure-rows = { $n ->
    [one] { $n } ред
   *[other] { $n } реда
}
customers-found = { $n ->
    [one] { $n } клиент
   *[other] { $n } клиента
}

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0003_portfolio_indexes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="answerevidence",
            options={"verbose_name_plural": "evidence of answers"},
        ),
        migrations.AlterModelOptions(
            name="findingevidence",
            options={"verbose_name_plural": "evidence of findings"},
        ),
        migrations.AlterModelOptions(
            name="historicalanswerevidence",
            options={
                "get_latest_by": ("history_date", "history_id"),
                "ordering": ("-history_date", "-history_id"),
                "verbose_name": "historical answer evidence",
                "verbose_name_plural": "historical evidence of answers",
            },
        ),
        migrations.AlterModelOptions(
            name="historicalfindingevidence",
            options={
                "get_latest_by": ("history_date", "history_id"),
                "ordering": ("-history_date", "-history_id"),
                "verbose_name": "historical finding evidence",
                "verbose_name_plural": "historical evidence of findings",
            },
        ),
    ]

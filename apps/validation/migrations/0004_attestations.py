from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("validation", "0003_external_checks")]

    operations = []
